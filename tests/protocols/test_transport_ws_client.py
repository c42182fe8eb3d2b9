"""The client's side of graphql-transport-ws, as tables of frames and what they mean."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supergraph.protocols.transport_ws.client import (
    Acknowledged,
    ClientConnection,
    Completed,
    Failed,
    Ignored,
    PingReceived,
    ResultReceived,
)
from supergraph.protocols.transport_ws.messages import (
    Close,
    Limits,
    SubscribePayload,
    explain_close,
)
from supergraph.protocols.transport_ws.server import Initialised, ServerConnection, Started

ACK = '{"type":"connection_ack"}'
NEXT = '{"type":"next","id":"1","payload":{"data":{"a":1}}}'
ERROR = '{"type":"error","id":"1","payload":[{"message":"no"}]}'
COMPLETE = '{"type":"complete","id":"1"}'


def ready(*operation_ids: str) -> ClientConnection:
    connection = ClientConnection()
    connection.init()
    connection.receive(ACK)
    for operation_id in operation_ids:
        connection.subscribe(operation_id, SubscribePayload("subscription { a }"))
    return connection


def test_the_two_sides_understand_each_other() -> None:
    client, server = ClientConnection(), ServerConnection(Limits())
    payload = SubscribePayload("query A { a }", "A", {"n": 2**80})

    assert server.receive(client.init({"authorization": "x"})) == Initialised(
        {"authorization": "x"}
    )
    assert client.receive(server.acknowledge()) == Acknowledged(None)
    assert server.receive(client.subscribe("1", payload)) == Started("1", payload)
    assert client.receive(server.next("1", b'{"data":{"n":1}}') or "") == ResultReceived(
        "1", {"data": {"n": 1}}
    )
    assert client.receive(server.complete("1") or "") == Completed("1")
    assert client.complete("1") is None


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (NEXT, ResultReceived("1", {"data": {"a": 1}})),
        (ERROR, Failed("1", ({"message": "no"},))),
        (COMPLETE, Completed("1")),
        ('{"type":"ping","payload":{"n":1}}', PingReceived({"n": 1})),
        ('{"type":"pong"}', Ignored()),
        (NEXT.replace("1", "2", 1), Ignored()),
    ],
)
def test_what_an_open_operation_hears(frame: str, expected: object) -> None:
    assert ready("1").receive(frame) == expected


@pytest.mark.parametrize("frame", [NEXT, ERROR, COMPLETE])
def test_what_comes_after_the_end_is_ignored(frame: str) -> None:
    connection = ready("1")
    assert connection.complete("1") == COMPLETE

    assert connection.receive(frame) == Ignored()
    assert connection.complete("1") is None


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello",
        ACK,
        '{"type":"connection_init"}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ a }"}}',
        '{"type":"next","id":"1"}',
        '{"type":"next","id":"1","payload":[]}',
        '{"type":"error","id":"1","payload":{}}',
        '{"type":"error","id":"1","payload":["text"]}',
        '{"type":"next","id":"1","payload":' + "[" * 50_000,
    ],
)
def test_a_broken_server_is_4004(frame: str) -> None:
    closed = ready("1").receive(frame)

    assert isinstance(closed, Close)
    assert closed.code == 4004


@pytest.mark.parametrize("frame", [NEXT, ERROR, COMPLETE])
def test_results_before_the_acknowledgement_are_4004(frame: str) -> None:
    connection = ClientConnection()
    connection.init()

    assert connection.receive(frame) == Close(4004, "Bad response")


def test_the_driver_may_not_break_the_protocol() -> None:
    connection = ClientConnection()
    with pytest.raises(ValueError, match="subscribe cannot be sent in state NEW"):
        connection.subscribe("1", SubscribePayload("{ a }"))
    connection.init()
    with pytest.raises(ValueError, match="connection_init cannot be sent"):
        connection.init()
    with pytest.raises(ValueError, match="operation 1 is open already"):
        ready("1").subscribe("1", SubscribePayload("{ a }"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (None, "the connection broke"),
        (4403, "close code 4403, forbidden"),
        (4999, "close code 4999"),
    ],
)
def test_close_codes_are_explained(code: int | None, expected: str) -> None:
    assert explain_close(code) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
types = st.sampled_from(
    [
        "connection_ack",
        "subscribe",
        "next",
        "error",
        "complete",
        "ping",
        "pong",
        "data",
    ]
)
frames = st.one_of(
    st.text(),
    st.fixed_dictionaries(
        {"type": types}, optional={"id": st.sampled_from(["1", "2"]), "payload": json_values}
    ).map(json.dumps),
    st.sampled_from([ACK, NEXT, ERROR, COMPLETE]),
)


@given(st.booleans(), st.lists(frames, max_size=30))
def test_no_frames_raise_and_every_close_is_4004(is_ready: bool, given_frames: list[Any]) -> None:
    connection = ready("1", "2") if is_ready else ClientConnection()
    closed: Close | None = None
    for frame in given_frames:
        event = connection.receive(frame)
        assert closed is None or event is closed
        if isinstance(event, Close):
            assert event.code == 4004
            closed = event
