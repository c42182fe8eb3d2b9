"""A streamed answer of an app in process, which may do whatever apps do."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supergraph.names import SubgraphName
from supergraph.traffic import asgi_stream
from supergraph.traffic.asgi_stream import AsgiStream, open_asgi_stream
from supergraph.traffic.stream_opening import StreamOpening
from supergraph.traffic.transport import SubgraphRequest

SCOPE = {"type": "http", "path": "/graphql"}
TIME_LIMIT = 10.0
Exchange = Callable[[Receive, Send], Awaitable[None]]
EVENT_STREAM = [(b"content-type", b"text/event-stream")]
START: Message = {"type": "http.response.start", "status": 200, "headers": EVENT_STREAM}


def part(body: bytes, *, is_last: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": not is_last}


def app(exchange: Exchange) -> ASGIApp:
    async def call(_: Scope, receive: Receive, send: Send) -> None:
        await exchange(receive, send)

    return call


@asynccontextmanager
async def opened(exchange: Exchange) -> AsyncGenerator[AsgiStream]:
    before = asyncio.all_tasks()
    async with asyncio.timeout(TIME_LIMIT):
        stream = await open_asgi_stream(app(exchange), SCOPE, b"{}")
        try:
            yield stream
        finally:
            await stream.close()
            assert asyncio.all_tasks() <= before, "a task was left behind"


async def test_the_app_sees_the_request_and_the_answer_is_read_as_it_comes() -> None:
    asked: list[Message] = []
    go_on = asyncio.Event()

    async def answer(receive: Receive, send: Send) -> None:
        asked.append(await receive())
        await send(START)
        await send(part(b"a"))
        await go_on.wait()
        await send(part(b""))
        await send(part(b"b", is_last=True))

    async with opened(answer) as stream:
        assert (stream.status, stream.content_type) == (200, "text/event-stream")
        assert await stream.read() == b"a"
        go_on.set()
        assert [await stream.read(), await stream.read(), await stream.read()] == [b"b", b"", b""]
    assert asked == [{"type": "http.request", "body": b"{}", "more_body": False}]


async def test_an_app_that_is_not_read_waits() -> None:
    sent = 0

    async def answer(_: Receive, send: Send) -> None:
        nonlocal sent
        await send(START)
        while True:
            await send(part(b"x"))
            sent += 1

    async with opened(answer) as stream:
        for _ in range(10):
            await asyncio.sleep(0)
        assert sent == asgi_stream.MESSAGES_MAX
        await stream.read()


async def test_an_app_learns_that_its_client_has_gone() -> None:
    seen: list[str] = []

    async def answer(receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        seen.append((await receive())["type"])
        with pytest.raises(OSError, match="has gone"):
            await send(part(b"x"))
        raise ValueError("an app may end like this")

    async with opened(answer):
        pass
    assert seen == ["http.disconnect"]


async def test_an_app_that_does_not_end_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi_stream, "CLOSE_SECONDS", 0.05)
    ended = asyncio.Event()

    async def answer(_: Receive, send: Send) -> None:
        await send(START)
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with opened(answer):
        pass
    assert ended.is_set()


async def test_a_reader_that_waits_sees_the_stream_closed() -> None:
    async def answer(receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await receive()

    async with opened(answer) as stream:
        reading = asyncio.create_task(stream.read())
        await asyncio.sleep(0)
        await stream.close()

        with pytest.raises(OSError, match="no longer read"):
            await reading
        with pytest.raises(OSError, match="no longer read"):
            await stream.read()


async def test_all_streams_of_a_subgraph_are_closed_at_once() -> None:
    """Each may take its time: one after the other, a shutdown would have no limit."""
    left = asyncio.Barrier(3)
    ended: list[bool] = []

    async def answer(receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await receive()
        await left.wait()
        ended.append(True)

    opening = StreamOpening(
        SubgraphName("app"), lambda *_: open_asgi_stream(app(answer), SCOPE, b"{}"), 1_000
    )
    async with AsyncExitStack() as stack, asyncio.timeout(TIME_LIMIT):
        for _ in range(3):
            await stack.enter_async_context(opening.opened(SubgraphRequest("{ a }"), {}))
        await opening.close()
    assert ended == [True] * 3


async def raises(_receive: Receive, _send: Send) -> None:
    raise ValueError("broken")


async def says_nothing(_receive: Receive, _send: Send) -> None:
    pass


async def begins_in_the_middle(_receive: Receive, send: Send) -> None:
    await send(part(b"x"))


@pytest.mark.parametrize("exchange", [raises, says_nothing, begins_in_the_middle])
async def test_an_app_without_an_answer_is_an_error(exchange: Exchange) -> None:
    with pytest.raises(ConnectionAbortedError):
        async with opened(exchange):
            pass


@pytest.mark.parametrize("fails", [False, True])
async def test_an_answer_that_is_cut_off_is_an_error(fails: bool) -> None:
    async def answer(_: Receive, send: Send) -> None:
        await send(START)
        await send(part(b"x"))
        if fails:
            raise ValueError("broken")

    async with opened(answer) as stream:
        assert await stream.read() == b"x"
        with pytest.raises(ConnectionAbortedError):
            await stream.read()


async def test_an_app_that_never_begins_is_ended_by_the_time_limit() -> None:
    async def answer(receive: Receive, _: Send) -> None:
        await receive()
        await receive()

    before = asyncio.all_tasks()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await open_asgi_stream(app(answer), SCOPE, b"{}")
    assert asyncio.all_tasks() <= before
