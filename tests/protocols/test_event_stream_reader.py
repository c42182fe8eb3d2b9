"""Server-sent events as the HTML standard has them, in whatever segments they arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supergraph.protocols.event_stream_reader import (
    EventStreamReader,
    EventTooLargeError,
    ServerSentEvent,
)


def read(*segments: bytes, event_bytes_max: int = 1_000) -> list[ServerSentEvent]:
    reader = EventStreamReader(event_bytes_max)
    return [event for segment in segments for event in reader.feed(segment)]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted(place % (len(data) + 1) for place in places)
    return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)], strict=True)]


def event(data: bytes, name: str = "message", event_id: str = "") -> ServerSentEvent:
    return ServerSentEvent(name, data, event_id)


EXAMPLES = {
    "one line": (b"data: x\n\n", [event(b"x")]),
    "no space, and only one is removed": (b"data:a\n\ndata:  b\n\n", [event(b"a"), event(b" b")]),
    "several lines": (b"data: a\ndata: b\ndata\n\n", [event(b"a\nb\n")]),
    "a name": (b"event: next\ndata: {}\n\n", [event(b"{}", "next")]),
    "a name without data": (b"event: complete\n\n", [event(b"", "complete")]),
    "a name lasts for one event": (
        b"event: a\ndata: 1\n\ndata: 2\n\n",
        [event(b"1", "a"), event(b"2")],
    ),
    "an id lasts": (
        b"id: 7\ndata: 1\n\ndata: 2\n\nid\ndata: 3\n\n",
        [event(b"1", event_id="7"), event(b"2", event_id="7"), event(b"3")],
    ),
    "an id with NUL is none": (b"id: a\0b\ndata: 1\n\n", [event(b"1")]),
    "carriage returns": (b"data: a\rdata: b\r\rdata: c\r\r", [event(b"a\nb"), event(b"c")]),
    "both": (b"event: e\r\ndata: a\r\n\r\n", [event(b"a", "e")]),
    "mixed": (b"data: a\r\ndata: b\n\rdata: c\r\n\n", [event(b"a\nb"), event(b"c")]),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [event(b"a")]),
    "a mark elsewhere is a field nobody knows": (
        b"data: a\n\xef\xbb\xbfdata: b\n\n",
        [event(b"a")],
    ),
    "comments and unknown fields": (b":\n: hi\nretry: 5\nfoo: x\ndata: a\n\n", [event(b"a")]),
    "blank lines alone": (b"\n\n\r\n\r\r", []),
    "an id alone": (b"id: 1\n\n", []),
    "an end in the middle": (b"data: a\n\ndata: b\n", [event(b"a")]),
    "text that is not UTF-8": (b"event: \xff\ndata: \xff\n\n", [event(b"\xff", "\ufffd")]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example(name: str) -> None:
    stream, events = EXAMPLES[name]

    assert read(stream) == events


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_byte_by_byte(name: str) -> None:
    stream, events = EXAMPLES[name]

    assert read(*(stream[at : at + 1] for at in range(len(stream)))) == events


def test_an_empty_segment_changes_nothing() -> None:
    assert read(b"\r\r\ndata:\r", b"", b"\n") == []


PIECES = [b"\r", b"\n", b"\r\n", b":", b" ", b"data", b"event", b"id", b"a", b"\0", b"\xef\xbb\xbf"]


@given(st.lists(st.sampled_from(PIECES)).map(b"".join), st.lists(st.integers(0, 10_000)))
def test_segments_change_nothing(stream: bytes, places: list[int]) -> None:
    assert read(*cut(stream, places)) == read(stream)


@given(
    st.lists(st.binary(min_size=1).map(lambda data: data.replace(b"\r", b"").replace(b"\n", b""))),
    st.sampled_from([b"\r", b"\n", b"\r\n"]),
    st.lists(st.integers(0, 10_000)),
)
def test_what_is_written_is_read(values: list[bytes], end: bytes, places: list[int]) -> None:
    stream = b"".join(b"data: " + value + end + end for value in values)

    assert read(*cut(stream, places), event_bytes_max=10_000) == [event(value) for value in values]


def test_comments_are_counted_and_cost_nothing() -> None:
    reader = EventStreamReader(10)

    for _ in range(100):
        assert reader.feed(b": ping\n") == []
    assert reader.comments == 100


@pytest.mark.parametrize("segment", [b"x", b"data: x\n", b"data:\n", b":x"])
def test_an_event_without_end_is_refused(segment: bytes) -> None:
    with pytest.raises(EventTooLargeError, match="over 1000 bytes"):
        read(*[segment] * 2_000)
