"""Parts of `multipart/mixed`, in whatever segments they arrive."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supergraph.protocols.event_stream_reader import EventTooLargeError
from supergraph.protocols.multipart_reader import MultipartReader, boundary_of
from tests.protocols.test_event_stream_reader import cut


def read(*segments: bytes, part_bytes_max: int = 100_000) -> list[bytes]:
    reader = MultipartReader(b"graphql", part_bytes_max)
    return [body for segment in segments for body in reader.feed(segment)]


def part(body: bytes, end: bytes = b"\r\n") -> bytes:
    return end + b"content-type: application/json" + end + end + body + end + b"--graphql"


EXAMPLES = {
    "the specification's": (
        b"\r\n--graphql" + part(b"{}") + part(b'{"payload":{}}') + b"--\r\n",
        [b"{}", b'{"payload":{}}'],
    ),
    "no line end at the beginning": (b"--graphql" + part(b"{}") + b"--", [b"{}"]),
    "a preamble and an epilogue": (
        b"hello\r\n\r\n{}\r\n--graphql" + part(b"{}") + b"--\r\n\r\n{}\r\n--graphql--",
        [b"{}"],
    ),
    "line feeds alone": (b"--graphql" + part(b"{}", b"\n") + b"--\n", [b"{}"]),
    "no headers": (b"--graphql\r\n\r\n{}\r\n--graphql--", [b"{}"]),
    "no first delimiter": (part(b'{"a":1}') + part(b"{}") + b"--\r\n", [b'{"a":1}', b"{}"]),
    "two delimiters in a row": (
        b"--graphql" + part(b"{}") + b"\r\n--graphql--\r\n",
        [b"{}"],
    ),
    "a delimiter that only the next part has": (
        b"--graphql\r\n\r\n{}\r\n--graphql\r\n\r\n" + b'{"b":{"c":[{}]}}',
        [b"{}", b'{"b":{"c":[{}]}}'],
    ),
    "the delimiter's look-alikes in a body": (
        b"--graphql" + part(rb'{"a":"--graphql\n--graphql}"}') + b"--",
        [rb'{"a":"--graphql\n--graphql}"}'],
    ),
    "no object": (b"--graphql" + part(b"[1]") + b"--", [b"[1]"]),
    "an end in the middle": (b"--graphql" + part(b"{}") + b'\r\n\r\n{"a":', [b"{}"]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example(name: str) -> None:
    stream, bodies = EXAMPLES[name]

    assert read(stream) == bodies


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_byte_by_byte(name: str) -> None:
    stream, bodies = EXAMPLES[name]

    assert read(*(stream[at : at + 1] for at in range(len(stream)))) == bodies


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=5),
    st.sampled_from([b"\r\n", b"\n"]),
    st.lists(st.integers(0, 100_000)),
)
def test_what_is_written_is_read_in_any_segments(
    values: list[object], end: bytes, places: list[int]
) -> None:
    bodies = [json.dumps(value, indent=1).encode() for value in values]
    stream = b"--graphql" + b"".join(part(body, end) for body in bodies) + b"--" + end

    assert read(*cut(stream, places), part_bytes_max=1_000_000) == bodies


def test_a_part_is_there_before_its_delimiter() -> None:
    reader = MultipartReader(b"b", 1_000)

    assert reader.feed(b'--b\r\n\r\n{"a":') == []
    assert reader.feed(b"{}") == []
    assert reader.feed(b"}") == [b'{"a":{}}']
    assert reader.feed(b"\r\n--b") == []
    assert not reader.is_ended
    assert reader.feed(b"-") == []
    assert reader.feed(b"-") == []
    assert reader.is_ended
    assert reader.feed(b"\r\n\r\n{}\r\n--b") == []


def test_a_part_in_many_segments_waits_for_its_delimiter() -> None:
    """Trying at the end of every segment would cost the square of their number."""
    reader = MultipartReader(b"b", 100_000)
    assert reader.feed(b'--b\r\n\r\n{"a":[') == []
    for _ in range(1_000):
        assert reader.feed(b"{},{}") == []
        assert reader.feed(b",") == []
    assert reader.feed(b"{}]}") == []
    [body] = reader.feed(b"\r\n--b")
    assert len(json.loads(body)["a"]) == 2_001


@pytest.mark.parametrize("opening", [b"", b"--b\r\n", b"--b\r\n\r\n"])
def test_lines_without_end_are_looked_at_a_few_times_only(
    opening: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking means searching all that has come, which with every line would take minutes."""
    looks = 0
    look = MultipartReader._find_body

    def counted(reader: MultipartReader, end: int) -> bool:
        nonlocal looks
        looks += 1
        return look(reader, end)

    monkeypatch.setattr(MultipartReader, "_find_body", counted)
    reader = MultipartReader(b"b", 100_000)
    for segment in [opening, *[b"a: b\r\n"] * 1_000]:
        assert reader.feed(segment) == []
    assert looks < 40


@pytest.mark.parametrize("segment", [b"x", b"{}", b"\r\n", b"a: b\r\n"])
@pytest.mark.parametrize("opening", [b"", b"--graphql\r\n", b"--graphql\r\n\r\n"])
def test_a_part_without_end_is_refused(opening: bytes, segment: bytes) -> None:
    with pytest.raises(EventTooLargeError, match="over 1000 bytes"):
        read(opening, *[segment] * 2_000, part_bytes_max=1_000)


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/mixed;boundary=graphql;subscriptionSpec=1.0", b"graphql"),
        ('multipart/mixed; boundary="-"', b"-"),
        ("multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json", b"graphql"),
        ("multipart/mixed", None),
    ],
)
def test_the_boundary_of_a_content_type(content_type: str, boundary: bytes | None) -> None:
    assert boundary_of(content_type) == boundary
