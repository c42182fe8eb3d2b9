"""The server's side of graphql-transport-ws, as tables of frames and what they mean."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supergraph.protocols.transport_ws import messages
from supergraph.protocols.transport_ws.messages import Close, Limits
from supergraph.protocols.transport_ws.server import (
    Completed,
    Initialised,
    OverLimit,
    PingReceived,
    PongReceived,
    ServerConnection,
    Started,
)

INIT = '{"type":"connection_init"}'
PING = '{"type":"ping"}'
CLOSE_CODES = {1009, 4400, 4401, 4409, 4429}


def subscribe(id_: str = "1") -> str:
    return json.dumps({"type": "subscribe", "id": id_, "payload": {"query": "{ a }"}})


def complete(id_: str = "1") -> str:
    return json.dumps({"type": "complete", "id": id_})


def ready(limits: Limits | None = None) -> ServerConnection:
    connection = ServerConnection(limits or Limits())
    connection.receive(INIT)
    connection.acknowledge()
    return connection


def code(event: object) -> int | None:
    return event.code if isinstance(event, Close) else None


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([subscribe()], 4401),
        ([PING, complete("never"), subscribe()], 4401),
        ([INIT, subscribe()], 4401),
        ([INIT, INIT], 4429),
        ([INIT, PING, '{"type":"pong"}', INIT], 4429),
    ],
)
def test_what_comes_before_the_acknowledgement(frames: list[str], expected: int) -> None:
    connection = ServerConnection(Limits())

    assert code([connection.receive(frame) for frame in frames][-1]) == expected


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello",
        "[]",
        "null",
        "{}",
        '{"type":5}',
        '{"type":"start","id":"1","payload":{"query":"{ a }"}}',
        '{"type":"connection_ack"}',
        '{"type":"next","id":"1","payload":{}}',
        '{"type":"error","id":"1","payload":[]}',
        '{"type":"subscribe","payload":{"query":"{ a }"}}',
        '{"type":"subscribe","id":"","payload":{"query":"{ a }"}}',
        '{"type":"subscribe","id":1,"payload":{"query":"{ a }"}}',
        '{"type":"subscribe","id":"1"}',
        '{"type":"subscribe","id":"1","payload":{}}',
        '{"type":"subscribe","id":"1","payload":{"query":1}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":[]}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ a }","operationName":{}}}',
        '{"type":"complete"}',
        '{"type":"ping","payload":"text"}',
        '{"type":"ping","payload":' + "[" * 50_000,
        '{"type":"ping","payload":{"a":"\\ud800"}}',
        "\ud800",
    ],
)
def test_an_invalid_message_is_4400_in_every_state(frame: str) -> None:
    for connection in (ServerConnection(Limits()), ready()):
        assert code(connection.receive(frame)) == 4400


def test_a_binary_frame_is_4400() -> None:
    assert code(ready().receive(PING.encode())) == 4400


def test_a_second_init_after_the_acknowledgement_is_4429() -> None:
    assert ready().receive(INIT) == messages.TOO_MANY_INITIALISATION_REQUESTS


def test_a_duplicate_id_is_4409_in_the_words_of_the_protocol() -> None:
    connection = ready()
    connection.receive(subscribe("a"))

    assert connection.receive(subscribe("a")) == Close(4409, "Subscriber for a already exists")


def test_a_reason_fits_a_close_frame() -> None:
    connection = ready()
    connection.receive(subscribe("ä" * 300))
    close = connection.receive(subscribe("ä" * 300))

    assert isinstance(close, Close)
    assert 100 < len(close.reason.encode()) <= 123


def test_the_id_is_free_again_once_either_side_has_completed() -> None:
    connection = ready()
    assert isinstance(connection.receive(subscribe()), Started)
    assert connection.receive(complete()) == Completed("1", is_running=True)
    assert isinstance(connection.receive(subscribe()), Started)
    assert connection.complete("1") == '{"type":"complete","id":"1"}'
    assert isinstance(connection.receive(subscribe()), Started)


def test_nothing_is_sent_for_an_operation_that_the_client_completed() -> None:
    connection = ready()
    connection.receive(subscribe())
    connection.receive(complete())

    assert connection.next("1", b"{}") is None
    assert connection.error("1", b"[]") is None
    assert connection.complete("1") is None
    assert connection.receive(complete()) == Completed("1", is_running=False)


def test_an_error_ends_the_operation() -> None:
    connection = ready()
    connection.receive(subscribe())

    frame = connection.error("1", b'[{"message":"no"}]')

    assert json.loads(frame or "") == {
        "type": "error",
        "id": "1",
        "payload": [{"message": "no"}],
    }
    assert connection.complete("1") is None


def test_a_result_is_spliced_in_as_it_is() -> None:
    connection = ready()
    connection.receive(subscribe('"quoted"'))

    frame = connection.next('"quoted"', b'{"data":{"big":123456789012345678901234567890}}')

    assert json.loads(frame or "") == {
        "type": "next",
        "id": '"quoted"',
        "payload": {"data": {"big": 123456789012345678901234567890}},
    }


def test_operations_over_the_limit_are_refused_and_the_connection_stays() -> None:
    connection = ready(Limits(operations=2))
    events = [connection.receive(subscribe(id_)) for id_ in "abc"]

    assert events[2] == OverLimit("c")
    assert connection.next("c", b"{}") is None
    assert json.loads(connection.refusal("c", b"[]"))["type"] == "error"
    connection.complete("a")
    assert isinstance(connection.receive(subscribe("c")), Started)


@pytest.mark.parametrize("text", ["x" * 200, "ä" * 100])
def test_a_message_over_its_bytes_is_1009(text: str) -> None:
    frame = json.dumps({"type": "ping", "payload": {"a": text}}, ensure_ascii=False)

    assert ready(Limits(message_bytes=200)).receive(frame) == messages.MESSAGE_TOO_BIG
    assert isinstance(ready(Limits(message_bytes=400)).receive(frame), PingReceived)


def test_the_init_message_has_a_limit_of_its_own() -> None:
    connection = ServerConnection(Limits(init_bytes=100))
    frame = json.dumps({"type": "connection_init", "payload": {"a": "x" * 100}})

    assert connection.receive(frame) == messages.MESSAGE_TOO_BIG


def test_payloads_pass_through() -> None:
    connection = ServerConnection(Limits())
    init = '{"type":"connection_init","payload":{"authorization":"Bearer x"}}'

    assert connection.receive(init) == Initialised({"authorization": "Bearer x"})
    assert connection.acknowledge({"a": 1}) == '{"type":"connection_ack","payload":{"a":1}}'
    assert connection.receive('{"type":"ping","payload":{"n":1}}') == PingReceived({"n": 1})
    assert connection.pong({"n": 1}) == '{"type":"pong","payload":{"n":1}}'
    assert connection.receive('{"type":"pong"}') == PongReceived(None)
    assert connection.ping() == PING


def test_after_a_close_everything_means_the_same_close() -> None:
    connection = ready()
    connection.receive(subscribe())
    closed = connection.receive("garbage")

    assert connection.receive(PING) is closed
    assert connection.receive(INIT) is closed
    assert connection.next("1", b"{}") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ids = st.sampled_from(["1", "2", "3", ""]) | st.text(max_size=3)
types = st.sampled_from(
    [
        "connection_init",
        "connection_ack",
        "subscribe",
        "next",
        "error",
        "complete",
        "ping",
        "pong",
        "start",
    ]
)
requests = st.fixed_dictionaries({"query": st.text()}, optional={"variables": json_values})
frames = st.one_of(
    st.text(),
    st.binary(),
    json_values.map(json.dumps),
    st.fixed_dictionaries(
        {"type": types}, optional={"id": ids | json_values, "payload": requests | json_values}
    ).map(json.dumps),
    st.sampled_from([INIT, PING, subscribe(), subscribe("2"), complete(), complete("2")]),
)


@given(st.lists(st.tuples(frames, st.booleans()), max_size=30))
def test_no_frames_raise_and_every_close_has_a_defined_code(
    given_frames: list[tuple[Any, bool]],
) -> None:
    connection = ServerConnection(Limits(operations=2, message_bytes=2_000, init_bytes=500))
    closed: Close | None = None
    for frame, ends_operation in given_frames:
        event = connection.receive(frame)
        if closed is not None:
            assert event is closed
        match event:
            case Initialised():
                connection.acknowledge()
            case Started(id=id_):
                assert connection.next(id_, b"{}") is not None
                if ends_operation:
                    assert connection.complete(id_) is not None
            case Close():
                assert event.code in CLOSE_CODES
                closed = event
            case _:
                pass
