"""A Strawberry subgraph that speaks every subscription protocol of Strawberry, and its clients."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import strawberry
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.types import Info

from supergraph.traffic.transport import SubgraphReply, SubgraphRequest, SubgraphTransport

__all__ = [
    "FOREVER",
    "Watch",
    "cancelled",
    "counting",
    "started",
    "stops_growing",
    "subgraph",
    "until",
]

TIME_LIMIT = 10.0
FOREVER = SubgraphRequest("subscription { forever }")
PROTOCOLS = ("graphql-transport-ws", "graphql-sse", "multipart-subscription")


class Watch:
    """What the subgraph did, seen from outside of its event loop."""

    def __init__(self) -> None:
        self.running = 0
        self.produced = 0
        self.handshakes: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []


@strawberry.type
class Query:
    hello: str = strawberry.field(resolver=lambda: "hello")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: Info, to: int) -> AsyncGenerator[int, None]:
        watch = _watch(info)
        watch.headers.append(dict(info.context["request"].headers))
        watch.running += 1
        try:
            for number in range(to):
                yield number
        finally:
            watch.running -= 1

    @strawberry.subscription
    async def pages(self, info: Info, count: int) -> AsyncGenerator[str, None]:
        watch = _watch(info)
        for _ in range(count):
            watch.produced += 1
            yield "x" * 4_000

    @strawberry.subscription
    async def forever(self, info: Info) -> AsyncGenerator[int, None]:
        watch = _watch(info)
        watch.running += 1
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            watch.running -= 1

    @strawberry.subscription
    async def caller(self, info: Info) -> AsyncGenerator[str, None]:
        params: Any = info.context["connection_params"]
        header = info.context["request"].headers.get("authorization")
        yield f"{header}|{params and params.get('authorization')}"

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError("broken on purpose")


def _watch(info: Info) -> Watch:
    watch: Watch = info.context["request"].app_watch
    return watch


class _App(GraphQL[Any, Any]):
    def __init__(self, watch: Watch) -> None:
        schema = strawberry.Schema(Query, subscription=Subscription)
        super().__init__(schema, subscription_protocols=PROTOCOLS)
        self._seen = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self._seen.handshakes.append(dict(WebSocket(scope, receive, send).headers))
        await super().__call__(scope, receive, send)

    async def get_context(self, request: Any, response: Any) -> Any:
        request.app_watch = self._seen
        self._seen.paths.append(request.url.path)
        return {"request": request, "response": response}


def subgraph(watch: Watch) -> GraphQL[Any, Any]:
    """The subgraph as an ASGI app; it answers at any path."""
    return _App(watch)


@asynccontextmanager
async def started(transport: SubgraphTransport) -> AsyncGenerator[SubgraphTransport, None]:
    """Start a transport, and close it in the end."""
    await transport.start()
    try:
        async with asyncio.timeout(3 * TIME_LIMIT):
            yield transport
    finally:
        await transport.close()


def counting(to: int, **options: Any) -> SubgraphRequest:
    return SubgraphRequest("subscription ($to: Int!) { count(to: $to) }", {"to": to}, **options)


async def cancelled(
    subscribe: Callable[[SubgraphRequest], AsyncGenerator[SubgraphReply, None]],
) -> None:
    """Read `FOREVER`, and be cancelled while waiting for more than its first event."""
    first = asyncio.Event()

    async def consume() -> None:
        async with aclosing(subscribe(FOREVER)) as stream:
            async for _ in stream:
                first.set()

    task = asyncio.create_task(consume())
    await first.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for what another loop does; there is no event to wait for across threads."""
    async with asyncio.timeout(TIME_LIMIT):
        while not is_true():  # noqa: ASYNC110 # as it says
            await asyncio.sleep(0.01)


async def stops_growing(read: Callable[[], int]) -> int:
    value = -1
    while (now := read()) != value:
        value = now
        await asyncio.sleep(0.3)
    return value
