"""A real server that misbehaves while it is subscribed to: every fault is a coded error."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.connect import connect
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.subscription_way import SubscriptionWay
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest, SubgraphTransport
from tests.traffic.http1.wire_server import Behaviour, Request, answer_bytes, raw, wire_server
from tests.traffic.streaming_subgraph import started

NAME = SubgraphName("bad")
SETTINGS = TransportSettings(connect_timeout_seconds=1.0, response_bytes_max=1_000_000)
REQUEST = SubgraphRequest("subscription { a }", timeout_seconds=0.5)
SILENCE_SECONDS = 0.2
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ntransfer-encoding: chunked\r\n\r\n"
EVENTS = HEAD % b"text/event-stream"
PARTS = HEAD % b"multipart/mixed;boundary=b"
ONE = b'event: next\ndata: {"data":{"a":1}}\n\n'
REPLY = SubgraphReply({"a": 1})


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def answers(*chunks: bytes, then: Callable[[Request], Awaitable[None]] | None = None) -> Behaviour:
    """The first is sent as it is, the others as chunks of the body; then the connection ends."""

    async def behave(request: Request) -> None:
        request.writer.write(chunks[0] + b"".join(map(chunk, chunks[1:])))
        if then is not None:
            await then(request)
        await request.writer.drain()
        request.writer.close()

    return behave


async def ends_the_body(request: Request) -> None:
    request.writer.write(b"0\r\n\r\n")


async def hangs(_: Request) -> None:
    await asyncio.Event().wait()


async def drips(request: Request) -> None:
    while True:
        request.writer.write(chunk(b" "))
        await request.writer.drain()
        await asyncio.sleep(0.02)


async def floods(request: Request) -> None:
    while True:
        request.writer.write(chunk(b"x" * 100_000))
        await request.writer.drain()


def subscribed(address: str) -> AbstractAsyncContextManager[SubgraphTransport]:
    way = SubscriptionWay("sse", None, SILENCE_SECONDS)
    return started(connect(NAME, address, SETTINGS, way))


async def outcome(
    behave: Behaviour, request: SubgraphRequest = REQUEST
) -> tuple[list[SubgraphReply], SubgraphError | None]:
    replies: list[SubgraphReply] = []
    async with wire_server(behave) as server, subscribed(server.address) as transport:
        try:
            async for reply in transport.subscribe(request):
                replies.append(reply)  # noqa: PERF401 # those before an error count
        except SubgraphError as error:
            return replies, error
    return replies, None


BROKEN_STREAMS: dict[str, tuple[Behaviour, str]] = {
    "cut off": (answers(EVENTS, ONE), "the connection broke"),
    "cut off in an event": (answers(EVENTS, ONE, ONE[:-1]), "the connection broke"),
    "ended, not complete": (answers(EVENTS, ONE, then=ends_the_body), "without being complete"),
    "ended in an event": (answers(EVENTS, ONE, ONE[:-1], then=ends_the_body), "without being"),
    "parts that end": (
        answers(PARTS, b'--b\r\n\r\n{"data":{"a":1}}\r\n--b', then=ends_the_body),
        "without being complete",
    ),
    "silent": (answers(EVENTS, b":\n\n:\n\n", ONE, then=hangs), "fell silent"),
    "silent parts": (
        answers(
            PARTS, b'--b\r\n\r\n{}\r\n--b\r\n\r\n{}\r\n--b\r\n\r\n{"data":{"a":1}}', then=hangs
        ),
        "fell silent",
    ),
}


@pytest.mark.parametrize("name", BROKEN_STREAMS)
async def test_a_stream_that_breaks_is_lost(name: str) -> None:
    behave, why = BROKEN_STREAMS[name]

    replies, error = await outcome(behave)

    assert replies == [REPLY]
    assert error is not None
    assert error.code.name == "SUBGRAPH_SUBSCRIPTION_FAILED"
    assert why in error.message
    assert (error.was_open, error.may_pass) == (True, True)


WRONG_STREAMS: dict[str, tuple[Behaviour, str]] = {
    "no JSON": (answers(EVENTS, ONE, b"event: next\ndata: {\n\n"), "SUBGRAPH_MALFORMED_RESPONSE"),
    "no result": (answers(EVENTS, ONE, b"event: next\ndata: 1\n\n"), "SUBGRAPH_MALFORMED_RESPONSE"),
    "an endless event": (
        answers(EVENTS, ONE, b"event: next\ndata: ", then=floods),
        "SUBGRAPH_RESPONSE_TOO_LARGE",
    ),
    "an endless part": (
        answers(PARTS, b'--b\r\n\r\n{"data":{"a":1}}\r\n--b\r\n\r\n', then=floods),
        "SUBGRAPH_RESPONSE_TOO_LARGE",
    ),
}


@pytest.mark.parametrize("name", WRONG_STREAMS)
async def test_a_stream_that_makes_no_sense_is_given_up(name: str) -> None:
    behave, code = WRONG_STREAMS[name]

    replies, error = await outcome(behave)

    assert replies == [REPLY]
    assert error is not None
    assert (error.code.name, error.may_pass) == (code, False)


def other(kind: str, body: bytes = b"{}", status: str = "200 OK", *headers: str) -> Behaviour:
    return raw(answer_bytes(body, f"content-type: {kind}", *headers, status=status))


NO_STREAMS: dict[str, tuple[Behaviour, str, bool]] = {
    "another type": (other("text/html"), "SUBGRAPH_MALFORMED_RESPONSE", False),
    "no type": (raw(answer_bytes(b"{}")), "SUBGRAPH_MALFORMED_RESPONSE", False),
    "parts without boundary": (other("multipart/mixed"), "SUBGRAPH_MALFORMED_RESPONSE", False),
    "JSON, but no result": (other("application/json"), "SUBGRAPH_MALFORMED_RESPONSE", False),
    "not found": (other("text/plain", b"", "404 No"), "SUBGRAPH_HTTP_ERROR", False),
    "overloaded": (other("text/plain", b"", "503 Busy"), "SUBGRAPH_HTTP_ERROR", True),
    "elsewhere": (
        other("text/plain", b"", "307 There", "location: http://127.0.0.1:1/"),
        "SUBGRAPH_HTTP_ERROR",
        False,
    ),
    "a status against streams": (
        answers(EVENTS.replace(b"200", b"500"), ONE, then=ends_the_body),
        "SUBGRAPH_HTTP_ERROR",
        True,
    ),
    "compressed": (
        raw(EVENTS[:-2] + b"content-encoding: gzip\r\n\r\n"),
        "SUBGRAPH_MALFORMED_RESPONSE",
        False,
    ),
    "not HTTP": (raw(b"hello\r\n\r\n"), "SUBGRAPH_MALFORMED_RESPONSE", False),
    "closed": (answers(b""), "SUBGRAPH_UNREACHABLE", True),
    "no answer": (hangs, "SUBGRAPH_TIMEOUT", True),
    "a slow answer": (
        answers(HEAD % b"application/json", then=drips),
        "SUBGRAPH_TIMEOUT",
        True,
    ),
    "an endless answer": (
        answers(HEAD % b"application/json", then=floods),
        "SUBGRAPH_RESPONSE_TOO_LARGE",
        False,
    ),
}


@pytest.mark.parametrize("name", NO_STREAMS)
async def test_what_is_no_stream_is_a_coded_error(name: str) -> None:
    behave, code, may_pass = NO_STREAMS[name]

    replies, error = await outcome(behave)

    assert replies == []
    assert error is not None
    assert error.service_name == NAME
    assert (error.code.name, error.may_pass, error.was_open) == (code, may_pass, False)


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
async def test_an_answer_in_json_is_the_only_reply(status: str) -> None:
    errors = b'{"errors":[{"message":"no"}]}'

    replies, error = await outcome(other("application/json; charset=utf-8", errors, status))

    assert error is None
    assert replies == [SubgraphReply(None, ({"message": "no"},))]


async def test_nobody_who_listens_is_unreachable() -> None:
    async with wire_server(hangs) as server:
        address = server.address
    async with subscribed(address) as transport:
        with pytest.raises(SubgraphError) as caught:
            await anext(transport.subscribe(REQUEST))
    assert (caught.value.code.name, caught.value.may_pass) == ("SUBGRAPH_UNREACHABLE", True)


async def test_a_header_that_would_end_its_line_is_not_sent() -> None:
    request = SubgraphRequest("subscription { a }", headers={"x-a": "b\r\nx-c: d"})

    _, error = await outcome(answers(EVENTS, ONE), request)

    assert error is not None
    assert error.code.name == "INVALID_FORWARDED_HEADER"


async def test_a_stream_without_signs_of_life_may_be_silent() -> None:
    """The comment at the beginning is there to open the stream, and promises nothing."""

    async def late(request: Request) -> None:
        await asyncio.sleep(SILENCE_SECONDS * 3)
        request.writer.write(chunk(ONE) + chunk(b"event: complete\n\n"))

    replies, error = await outcome(answers(EVENTS, b":\n\n", then=late))

    assert (replies, error) == ([REPLY], None)


async def test_a_stream_may_say_that_it_has_no_coding() -> None:
    head = EVENTS[:-2] + b"content-encoding: None\r\n\r\n"

    replies, error = await outcome(answers(head, ONE, b"event: complete\n\n", then=hangs))

    assert (replies, error) == ([REPLY], None)


async def test_what_follows_the_end_is_not_waited_for() -> None:
    replies, error = await outcome(answers(EVENTS, ONE, b"event: complete\ndata:\n\n", then=hangs))

    assert (replies, error) == ([REPLY], None)


@pytest.mark.parametrize(
    ("event_id", "kept"), [(b"41-7", "41-7"), (b"", None), ("ä".encode(), None)]
)
async def test_a_stream_tells_where_it_can_be_resumed(event_id: bytes, kept: str | None) -> None:
    replies, _ = await outcome(answers(EVENTS, b"id: " + event_id + b"\n" + ONE))

    assert [reply.event_id for reply in replies] == [kept]


@pytest.mark.parametrize(("event_id", "sent"), [("41-7", True), ("a\r\nb: c", False)])
async def test_a_stream_is_resumed_by_the_id_of_the_last_event(event_id: str, sent: bool) -> None:
    heads: list[str] = []

    async def behave(request: Request) -> None:
        heads.append(request.head)
        await answers(EVENTS, ONE)(request)

    request: dict[str, Any] = {"query": "subscription { a }", "resume_after": event_id}
    await outcome(behave, SubgraphRequest(**request))

    assert ("last-event-id: 41-7" in heads[0].lower()) is sent
    assert "b: c" not in heads[0]
