"""Equal queries in flight share an answer, over HTTP and in process; never what is another's."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.connect import connect
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest, SubgraphTransport
from tests.traffic.http1 import wire_server as wire

NAME = SubgraphName("gated")


class Gated:
    """A subgraph that says who asked what, once the gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.fails = False
        self.calls: list[str] = []
        self.arrivals = asyncio.Semaphore(0)
        self.was_cancelled = asyncio.Event()

    async def answer(self, body: bytes, who: str | None) -> tuple[int, bytes]:
        query = orjson.loads(body)["query"]
        self.calls.append(query)
        self.arrivals.release()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.was_cancelled.set()
            raise
        if self.fails:
            return 500, b"oops"
        return 200, orjson.dumps({"data": {"query": query, "who": [who]}})

    async def asked(self, count: int = 1) -> None:
        """Wait for so many calls."""
        for _ in range(count):
            await self.arrivals.acquire()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        request = Request(scope, receive)
        status, body = await self.answer(await request.body(), request.headers.get("authorization"))
        await Response(body, status)(scope, receive, send)

    async def behave(self, request: wire.Request) -> None:
        _, _, rest = request.head.partition("authorization: ")
        status, body = await self.answer(request.body, rest.partition("\r\n")[0] or None)
        request.writer.write(wire.answer_bytes(body, status=f"{status} X"))


Opened = Callable[..., AbstractAsyncContextManager[tuple[Gated, SubgraphTransport]]]


@pytest.fixture(params=["http", "asgi"])
def opened(request: pytest.FixtureRequest) -> Opened:
    @asynccontextmanager
    async def open_transport(
        **settings: Any,
    ) -> AsyncGenerator[tuple[Gated, SubgraphTransport], None]:
        subgraph = Gated()
        if request.param == "asgi":
            async with started(subgraph.app, **settings) as transport:
                yield subgraph, transport
            return
        async with (
            wire.wire_server(subgraph.behave) as server,
            started(server.address, **settings) as transport,
        ):
            yield subgraph, transport

    return open_transport


@asynccontextmanager
async def started(target: Any, **settings: Any) -> AsyncGenerator[SubgraphTransport, None]:
    transport = connect(NAME, target, TransportSettings(**settings))
    await transport.start()
    try:
        yield transport
    finally:
        await transport.close()


def ask(
    transport: SubgraphTransport, query: str = "{ a }", who: str | None = None, **options: Any
) -> asyncio.Task[SubgraphReply]:
    request = SubgraphRequest(
        query,
        headers={} if who is None else {"authorization": who},
        **{"is_safe_to_repeat": True, "is_shareable": True, **options},
    )
    return asyncio.create_task(transport.execute(request))


async def test_equal_queries_share_an_answer_and_no_containers(opened: Opened) -> None:
    async with opened() as (subgraph, transport):
        tasks = [ask(transport, who="ada") for _ in range(5)]
        await subgraph.asked()
        subgraph.gate.set()
        replies = await asyncio.gather(*tasks)
    assert subgraph.calls == ["{ a }"]
    assert [reply.data for reply in replies] == [{"query": "{ a }", "who": ["ada"]}] * 5
    assert len({id(reply.data["who"]) for reply in replies if reply.data}) == 5


async def test_nobody_gets_the_answer_to_another_s_credentials(opened: Opened) -> None:
    async with opened() as (subgraph, transport):
        callers = ["ada", "eve", None, "ada", "eve"]
        tasks = [ask(transport, who=who) for who in callers]
        await subgraph.asked(3)
        subgraph.gate.set()
        replies = await asyncio.gather(*tasks)
    assert [reply.data["who"] for reply in replies if reply.data] == [[who] for who in callers]
    assert len(subgraph.calls) == 3


@pytest.mark.parametrize("settings", [{"shares_in_flight": False}, {}])
async def test_sharing_can_be_off_for_a_subgraph_and_for_a_request(
    opened: Opened, settings: dict[str, bool]
) -> None:
    async with opened(**settings) as (subgraph, transport):
        tasks = [ask(transport, is_shareable=bool(settings)) for _ in range(3)]
        await subgraph.asked(3)
        subgraph.gate.set()
        await asyncio.gather(*tasks)
    assert len(subgraph.calls) == 3


async def test_a_cancelled_caller_leaves_the_others_their_answer(opened: Opened) -> None:
    async with opened() as (subgraph, transport):
        tasks = [ask(transport) for _ in range(3)]
        await subgraph.asked()
        tasks.pop(0).cancel()
        await asyncio.sleep(0)
        subgraph.gate.set()
        replies = await asyncio.gather(*tasks)
    assert len(replies) == 2
    assert len(subgraph.calls) == 1


async def test_each_caller_keeps_its_own_time_limit(opened: Opened) -> None:
    async with opened() as (subgraph, transport):
        short = ask(transport, timeout_seconds=0.05)
        long = ask(transport, timeout_seconds=30)
        shorter = ask(transport, timeout_seconds=0.02)
        for task in (short, shorter):
            with pytest.raises(SubgraphError) as caught:
                await task
            assert caught.value.code.name == "SUBGRAPH_TIMEOUT"
        subgraph.gate.set()
        assert (await long).data is not None
    assert len(subgraph.calls) == 1


async def test_a_failure_is_an_equal_error_for_everybody(opened: Opened) -> None:
    async with opened() as (subgraph, transport):
        subgraph.fails = True
        tasks = [ask(transport) for _ in range(3)]
        await subgraph.asked()
        subgraph.gate.set()
        errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(subgraph.calls) == 1
    assert {
        (error.code.name, error.message) for error in errors if isinstance(error, SubgraphError)
    } == {("SUBGRAPH_HTTP_ERROR", 'Subgraph "gated" answered with HTTP status 500.')}
    assert len({id(error) for error in errors}) == 3


async def test_an_app_is_cancelled_when_its_last_caller_goes() -> None:
    subgraph = Gated()
    async with started(subgraph.app) as transport:
        tasks = [ask(transport) for _ in range(3)]
        await subgraph.asked()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await subgraph.was_cancelled.wait()
    assert len(subgraph.calls) == 1


async def test_closing_an_app_s_transport_ends_what_is_shared() -> None:
    subgraph = Gated()
    async with started(subgraph.app) as transport:
        tasks = [ask(transport) for _ in range(3)]
        await subgraph.asked()
    errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert [error.code.name for error in errors if isinstance(error, SubgraphError)] == [
        "SUBGRAPH_UNREACHABLE"
    ] * 3
    assert subgraph.was_cancelled.is_set()
