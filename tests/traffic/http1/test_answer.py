"""Bytes to answers without sockets: tables, and any bytes in any segments."""

import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from supergraph.traffic.http1.answer import Answer, AnswerReader
from supergraph.traffic.http1.errors import (
    AnswerTooLargeError,
    ClosedEarlyError,
    Http1Error,
    NotHttpError,
)
from supergraph.traffic.http1.whole_answer import read_whole_answer

HEAD_MAX = 200
BODY_MAX = 300
OK = b"HTTP/1.1 200 OK\r\n"


def read(*segments: bytes, closes: bool = True) -> AnswerReader:
    reader = AnswerReader(HEAD_MAX, BODY_MAX)
    for segment in segments:
        if reader.outcome is None:
            reader.feed(segment)
    if closes:
        reader.finish()
    return reader


def raw_deflate(body: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(body) + deflater.flush()


def sized(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return OK + lines + b"content-length: %d\r\n\r\n%b" % (len(body), body)


ANSWERS = {
    "content-length": (sized(b"{}"), Answer(200, b"{}")),
    "empty body": (sized(b""), Answer(200, b"")),
    "other status": (
        b"HTTP/1.1 503 Busy\r\ncontent-length: 1\r\n\r\nx",
        Answer(503, b"x"),
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", Answer(204, b"")),
    "chunked": (
        OK + b"transfer-encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n",
        Answer(200, b"abc"),
    ),
    "trailers say nothing about the body": (
        OK + b"Transfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\ncontent-encoding: br\r\n\r\n",
        Answer(200, b"a"),
    ),
    "ends with the connection": (OK + b"\r\nabc", Answer(200, b"abc")),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n\r\nabc", Answer(200, b"abc")),
    "informational answers first": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\ncontent-encoding: br\r\n\r\n"
        + sized(b"a"),
        Answer(200, b"a"),
    ),
    "gzip": (sized(gzip.compress(b"abc"), b"content-encoding: gzip"), Answer(200, b"abc")),
    "deflate": (sized(zlib.compress(b"abc"), b"content-encoding: deflate"), Answer(200, b"abc")),
    "deflate without its head": (
        sized(raw_deflate(b"abc"), b"content-encoding: deflate"),
        Answer(200, b"abc"),
    ),
    "identity": (sized(b"abc", b"content-encoding: identity"), Answer(200, b"abc")),
    "body as large as it may be": (sized(b"x" * BODY_MAX), Answer(200, b"x" * BODY_MAX)),
}
FAULTS = {
    "nothing": (b"", ClosedEarlyError),
    "cut head": (OK, ClosedEarlyError),
    "cut body": (OK + b"content-length: 3\r\n\r\nab", ClosedEarlyError),
    "cut chunk": (OK + b"transfer-encoding: chunked\r\n\r\n5\r\nab", ClosedEarlyError),
    "missing last chunk": (
        OK + b"transfer-encoding: chunked\r\n\r\n2\r\nab\r\n",
        ClosedEarlyError,
    ),
    "not HTTP": (b"\x16\x03\x01\x02\x00", NotHttpError),
    "a request": (b"GET / HTTP/1.1\r\n\r\n", NotHttpError),
    "HTTP/2": (b"HTTP/2 200\r\n\r\n", NotHttpError),
    "switched protocols": (b"HTTP/1.1 101 Switching\r\n\r\n", NotHttpError),
    "two lengths": (OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab", NotHttpError),
    "length and chunks": (
        OK + b"transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n",
        NotHttpError,
    ),
    "negative length": (OK + b"content-length: -1\r\n\r\n", NotHttpError),
    "unknown transfer coding": (OK + b"transfer-encoding: gzip\r\n\r\nab", NotHttpError),
    "unknown content coding": (sized(b"ab", b"content-encoding: br"), NotHttpError),
    "wrong gzip": (sized(b"ab", b"content-encoding: gzip"), NotHttpError),
    "cut gzip": (sized(gzip.compress(b"abc")[:-1], b"content-encoding: gzip"), NotHttpError),
    "announced too large": (OK + b"content-length: 301\r\n\r\n", AnswerTooLargeError),
    "too large until closed": (OK + b"\r\n" + b"x" * 301, AnswerTooLargeError),
    "too large in chunks": (
        OK + b"transfer-encoding: chunked\r\n\r\n" + b"40\r\n%b\r\n" % (b"x" * 64) * 5,
        AnswerTooLargeError,
    ),
    "gzip bomb": (
        sized(gzip.compress(b"x" * 100_000), b"content-encoding: gzip"),
        AnswerTooLargeError,
    ),
    "head without end": (OK + b"x: " + b"y" * 1_000, AnswerTooLargeError),
    "hints without end": (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100, AnswerTooLargeError),
    "trailers without end": (
        OK + b"transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + b"x: y\r\n" * 500,
        AnswerTooLargeError,
    ),
    "chunk extension without end": (
        OK + b"transfer-encoding: chunked\r\n\r\n1;" + b"x" * 1_000,
        AnswerTooLargeError,
    ),
}


@pytest.mark.parametrize(("data", "answer"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_read(data: bytes, answer: Answer) -> None:
    assert read(data).outcome == answer


@pytest.mark.parametrize(("data", "error"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_by_its_kind(data: bytes, error: type[Http1Error]) -> None:
    assert type(read(data).outcome) is error


@pytest.mark.parametrize(
    ("data", "keeps_alive"),
    [
        pytest.param(sized(b"ab"), True, id="whole"),
        pytest.param(sized(b"ab", b"connection: close"), False, id="close"),
        pytest.param(b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", False, id="HTTP/1.0"),
        pytest.param(sized(b"ab") + sized(b"cd"), False, id="an answer too many"),
        pytest.param(sized(b"ab") + b"noise", False, id="noise behind"),
        pytest.param(sized(b"ab") + b"\r\n" * HEAD_MAX, False, id="much noise behind"),
    ],
)
def test_only_a_clean_end_lets_another_answer_follow(data: bytes, keeps_alive: bool) -> None:
    reader = read(data, closes=False)
    assert reader.outcome == Answer(200, b"ab") or b"1.0" in data
    assert reader.keeps_alive is keeps_alive


def test_one_reader_reads_answer_after_answer() -> None:
    reader = AnswerReader(HEAD_MAX, BODY_MAX)
    for number in range(50):
        reader.begin()
        reader.feed(sized(b"%d" % number * 50))
        assert reader.outcome == Answer(200, b"%d" % number * 50)
        assert reader.keeps_alive


NODE_HEAD = (
    b"HTTP/1.1 200 OK\r\nX-Powered-By: Express\r\ncache-control: no-store\r\n"
    b"Content-Type: application/json; charset=utf-8\r\nContent-Length: 5\r\n"
    b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n"
)
UVICORN_HEAD = (
    b"HTTP/1.1 200 OK\r\ndate: Mon, 23 Nov 2026 12:00:00 GMT\r\nserver: uvicorn\r\n"
    b"content-length: 5\r\ncontent-type: application/json\r\n\r\n"
)


@pytest.mark.parametrize("head", [NODE_HEAD, UVICORN_HEAD])
def test_what_servers_usually_send_is_read_at_a_glance(head: bytes) -> None:
    assert read_whole_answer(head + b"hello", HEAD_MAX, BODY_MAX) == Answer(200, b"hello")


@pytest.mark.parametrize(
    "line",
    [
        b"Connection: close",
        b"connection: upgrade",
        b"Content-Length: 5",
        b"content-encoding: identity",
        b"Transfer-Encoding: identity",
        b"Upgrade: h2c",
        b"Proxy-Connection: close",
        b"Trailer: x",
        b"x y: z",
        b" folded",
        b"no colon",
        b"x: \x00",
        b": z",
    ],
)
def test_a_line_that_may_mean_something_is_left_to_the_parser(line: bytes) -> None:
    for head in (NODE_HEAD, UVICORN_HEAD):
        data = head[:-2] + line + b"\r\n\r\nhello"
        assert read_whole_answer(data, HEAD_MAX, BODY_MAX) is None


@given(
    st.sampled_from([NODE_HEAD, UVICORN_HEAD]),
    st.lists(st.tuples(st.integers(0, 220), st.integers(0, 2), st.binary(max_size=3)), max_size=3),
    st.sampled_from([b"hello", b"hell", b"hello!", b""]),
)
def test_a_glance_reads_what_the_parser_reads(
    head: bytes, changes: list[tuple[int, int, bytes]], body: bytes
) -> None:
    data = head
    for position, removed, added in changes:
        data = data[:position] + added + data[position + removed :]
    data += body
    glance = read_whole_answer(data, HEAD_MAX, BODY_MAX)
    if glance is not None:
        parsed = read(data[:1], data[1:], closes=False)  # in two segments the parser reads it
        assert (parsed.outcome, parsed.keeps_alive) == (glance, True)


PIECES = st.sampled_from(
    [
        *(data for data, _ in ANSWERS.values()),
        *(data for data, _ in FAULTS.values()),
        *(
            OK,
            b"\r\n",
            b"\r\n\r\n",
            b"0\r\n\r\n",
            b"5\r\nhello\r\n",
            b"\n",
            b"content-length: 5\r\n",
        ),
        *(
            b"transfer-encoding: chunked\r\n",
            b"content-encoding: gzip\r\n",
            b"connection: close\r\n",
        ),
        *(
            b"x: " + b"y" * 60 + b"\r\n",
            b"x:\r\n",
            b" folded\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\n",
        ),
    ]
)
BYTES = st.lists(PIECES | st.binary(max_size=20), max_size=8).map(b"".join)


@given(
    BYTES,
    st.lists(st.integers(0, 2_000), max_size=12),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=3),
)
@example(FAULTS["trailers without end"][0], list(range(0, 2_000, 7)), [])
@example(FAULTS["hints without end"][0], list(range(2_000)), [])
def test_segments_do_not_change_the_outcome(
    data: bytes, cuts: list[int], changes: list[tuple[int, int]]
) -> None:
    """Any bytes end in an answer or an `Http1Error`, the same one however they are cut."""
    mutable = bytearray(data)
    for position, value in changes:
        if position < len(mutable):
            mutable[position] = value
    data = bytes(mutable)
    edges = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    segments = [data[start:end] for start, end in pairwise(edges)]
    whole, cut = read(data).outcome, read(*segments).outcome
    assert type(whole) is type(cut)
    assert isinstance(whole, Answer | Http1Error)
    if isinstance(whole, Answer):
        assert whole == cut
