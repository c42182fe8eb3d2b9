"""Results out of streams: which events and parts are results, and which end the stream."""

import pytest

from supergraph.protocols.result_stream import FINISHED, NotAResultError, Result, result_stream

EVENTS = "text/event-stream; charset=utf-8"
PARTS = 'Multipart/Mixed; boundary="b"'


def read(content_type: str, stream: bytes) -> list[object]:
    reader = result_stream(content_type, 1_000)
    assert reader is not None
    return list(reader.feed(stream))


def parts(*bodies: bytes) -> bytes:
    return b"--b" + b"".join(b"\r\n\r\n" + body + b"\r\n--b" for body in bodies)


def test_events_are_results_until_one_says_complete() -> None:
    stream = b'event: next\nid: 4\ndata: {"data":{"a":1}}\n\nevent: complete\ndata: \n\n'

    assert read(EVENTS, stream) == [Result({"data": {"a": 1}}, "4"), FINISHED]


def test_events_of_other_names_are_passed_over() -> None:
    assert read(EVENTS, b"data: hello\n\nevent: ping\ndata: 1\n\n") == []


def test_integers_of_any_size_survive() -> None:
    [result] = read(EVENTS, b'event: next\ndata: {"data":{"a":12345678901234567890123}}\n\n')

    assert isinstance(result, Result)
    assert result.payload == {"data": {"a": 12345678901234567890123}}


def test_parts_carry_payloads_and_signs_of_life() -> None:
    reader = result_stream(PARTS, 1_000)
    assert reader is not None

    items = list(reader.feed(parts(b"{}", b'{"payload":{"data":{"a":1}}}', b"{}") + b"--"))

    assert items == [Result({"data": {"a": 1}}), FINISHED]
    assert reader.signs_of_life == 2


def test_parts_may_be_plain_results() -> None:
    stream = parts(b'{"data":{"a":1},"hasNext":true}', b'{"data":{"a":2},"hasNext":false}')

    assert read(PARTS, stream) == [
        Result({"data": {"a": 1}, "hasNext": True}),
        Result({"data": {"a": 2}, "hasNext": False}),
        FINISHED,
    ]


def test_errors_beside_the_payload_end_the_stream() -> None:
    stream = parts(b'{"payload":null,"errors":[{"message":"gone"}]}')

    assert read(PARTS, stream) == [Result({"errors": [{"message": "gone"}]}), FINISHED]


def test_a_stream_that_ends_says_so_for_the_last_part_too() -> None:
    stream = parts(b'{"payload":{"data":{"a":1}},"errors":[{"message":"gone"}]}')

    assert read(PARTS, stream) == [
        Result({"data": {"a": 1}}),
        Result({"errors": [{"message": "gone"}]}),
        FINISHED,
    ]


@pytest.mark.parametrize(
    ("content_type", "stream"),
    [
        (EVENTS, b"event: next\ndata: {\n\n"),
        (EVENTS, b"event: next\n\n"),
        (EVENTS, b"event: next\ndata: \xff\n\n"),
        (EVENTS, b"event: next\ndata: " + b"[" * 900 + b"\n\n"),
        (PARTS, parts(b"nothing")),
        (PARTS, parts(b"[]")),
    ],
)
def test_what_is_not_of_the_protocol_is_an_error(content_type: str, stream: bytes) -> None:
    with pytest.raises(NotAResultError):
        read(content_type, stream)


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "multipart/mixed", ""])
def test_other_answers_are_no_streams(content_type: str) -> None:
    assert result_stream(content_type, 1_000) is None
