"""Subscriptions over shared WebSockets: a Strawberry subgraph behind uvicorn, and in process.

What they have in common with streamed answers is in `test_stream_subscription`.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import pytest
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.aiohttp_socket import open_aiohttp_socket
from supergraph.traffic.asgi_socket import open_asgi_socket
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.transport import SubgraphRequest
from supergraph.traffic.websocket_subscription import Socket, SubscriptionSockets
from tests.kit.servers import uvicorn_server
from tests.traffic.streaming_subgraph import (
    FOREVER,
    Watch,
    cancelled,
    counting,
    stops_growing,
    subgraph,
    until,
)

NAME = SubgraphName("ticker")
TIME_LIMIT = 10.0


Opened = Callable[..., AbstractAsyncContextManager[SubscriptionSockets]]


@asynccontextmanager
async def sockets_over_http(
    app: Any, settings: TransportSettings, **options: Any
) -> AsyncGenerator[SubscriptionSockets, None]:
    with uvicorn_server(app, lifespan="off") as url:
        async with aiohttp.ClientSession() as session:

            async def open_socket(request: SubgraphRequest) -> Socket:
                return await open_aiohttp_socket(session, f"{url}/graphql", request, settings)

            async with closing(SubscriptionSockets(NAME, open_socket, settings, **options)) as it:
                yield it


@asynccontextmanager
async def sockets_in_process(
    app: Any, settings: TransportSettings, **options: Any
) -> AsyncGenerator[SubscriptionSockets, None]:
    async def open_socket(request: SubgraphRequest) -> Socket:
        return await open_asgi_socket(app, "/graphql", request, settings, state={})

    async with closing(SubscriptionSockets(NAME, open_socket, settings, **options)) as it:
        yield it


@asynccontextmanager
async def closing(sockets: SubscriptionSockets) -> AsyncGenerator[SubscriptionSockets, None]:
    before = asyncio.all_tasks()
    try:
        yield sockets
    finally:
        await sockets.close()
        assert repr(sockets) == "<SubscriptionSockets ticker: []>"
        assert asyncio.all_tasks() <= before, "a task was left behind"


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(params=[sockets_over_http, sockets_in_process], ids=["http", "asgi"])
def opened(request: pytest.FixtureRequest, watch: Watch) -> Opened:
    def open_sockets(app: Any = None, **settings: Any) -> Any:
        options = {
            "idle_seconds": settings.pop("idle_seconds", 60.0),
            "stall_seconds": settings.pop("stall_seconds", 60.0),
        }
        return request.param(app or subgraph(watch), TransportSettings(**settings), **options)

    return open_sockets


async def test_150_subscriptions_at_once_share_two_sockets(opened: Opened, watch: Watch) -> None:
    async with opened() as sockets:
        streams = [sockets.subscribe(FOREVER) for _ in range(150)]
        async with asyncio.timeout(TIME_LIMIT):
            first = await asyncio.gather(*(anext(stream) for stream in streams))

        assert [reply.data for reply in first] == [{"forever": 1}] * 150
        assert watch.running == 150
        assert repr(sockets) == "<SubscriptionSockets ticker: [90, 60]>"
        assert len(watch.handshakes) == 2
        for stream in streams:
            await stream.aclose()
        await until(lambda: watch.running == 0)


async def test_callers_with_other_headers_have_other_sockets(opened: Opened, watch: Watch) -> None:
    """What identifies the caller is in the handshake and in the payload of connection_init."""

    async def ask(token: str) -> Any:
        request = SubgraphRequest(
            "subscription { caller }",
            headers={"authorization": token, "origin": "https://elsewhere.example"},
        )
        return [reply.data async for reply in sockets.subscribe(request)]

    async with opened() as sockets:
        answers = [await ask("Bearer a"), await ask("Bearer b"), await ask("Bearer a")]

    assert answers == [[{"caller": f"Bearer {who}|Bearer {who}"}] for who in "aba"]
    assert len(watch.handshakes) == 2
    assert all("origin" not in handshake for handshake in watch.handshakes)


async def test_a_cancelled_consumer_completes_at_the_subgraph(opened: Opened, watch: Watch) -> None:
    async with opened() as sockets:
        await cancelled(sockets.subscribe)

        await until(lambda: watch.running == 0)
        assert repr(sockets) == "<SubscriptionSockets ticker: [0]>"


async def test_a_slow_consumer_holds_the_subgraph_back(opened: Opened, watch: Watch) -> None:
    """What is produced ahead of the consumer fits the queues between them, and nothing is lost."""
    total = 8_000  # over 30 MB, which is more than the kernel keeps for a socket
    request = SubgraphRequest("subscription ($n: Int!) { pages(count: $n) }", {"n": total})
    async with opened(stream_events_max=8) as sockets:
        stream = sockets.subscribe(request)
        await anext(stream)
        stalled_at = await stops_growing(lambda: watch.produced)

        assert stalled_at < total
        assert len([reply async for reply in stream]) == total - 1


async def test_a_stalled_consumer_does_not_hold_up_others_for_ever(opened: Opened) -> None:
    async with opened(stream_events_max=8, stall_seconds=0.2) as sockets:
        stalled = sockets.subscribe(counting(100))
        await anext(stalled)
        async with asyncio.timeout(TIME_LIMIT):
            assert len([reply async for reply in sockets.subscribe(counting(20))]) == 20

        with pytest.raises(SubgraphError, match="its consumer took nothing"):
            async for _ in stalled:
                pass


async def test_an_idle_socket_is_closed(opened: Opened, watch: Watch) -> None:
    async with opened(idle_seconds=0.05) as sockets:
        async for _ in sockets.subscribe(counting(1)):
            pass
        await until(lambda: repr(sockets) == "<SubscriptionSockets ticker: []>")
        async for _ in sockets.subscribe(counting(1)):
            pass

    assert len(watch.handshakes) == 2


async def serve_acknowledged(websocket: WebSocket) -> None:
    await websocket.accept("graphql-transport-ws")
    await websocket.receive_json()
    await websocket.send_json({"type": "connection_ack"})
    await websocket.receive_json()


async def refuse(websocket: WebSocket) -> None:
    await websocket.receive()
    await websocket.close()


async def accept_without_subprotocol(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive()


async def never_acknowledge(websocket: WebSocket) -> None:
    await websocket.accept("graphql-transport-ws")
    await websocket.receive_json()
    await websocket.receive()


async def forbid(websocket: WebSocket) -> None:
    await websocket.accept("graphql-transport-ws")
    await websocket.receive_json()
    await websocket.close(4403)


async def send_garbage(websocket: WebSocket) -> None:
    await serve_acknowledged(websocket)
    await websocket.send_text("garbage")
    await websocket.receive()


async def send_binary(websocket: WebSocket) -> None:
    await serve_acknowledged(websocket)
    await websocket.send_bytes(b"{}")
    await websocket.receive()


async def send_no_result(websocket: WebSocket) -> None:
    await serve_acknowledged(websocket)
    await websocket.send_json({"type": "next", "id": "1", "payload": {"data": 5}})
    await websocket.receive()


async def send_too_much(websocket: WebSocket) -> None:
    await serve_acknowledged(websocket)
    await websocket.send_json({"type": "ping", "payload": {"a": "x" * 5_000}})
    await websocket.receive()


async def hang_up(websocket: WebSocket) -> None:
    await serve_acknowledged(websocket)
    await websocket.close(1012)


@pytest.mark.parametrize(
    ("behave", "code", "message"),
    [
        (refuse, "SUBGRAPH_SUBSCRIPTION_FAILED", "handshake was"),
        (
            accept_without_subprotocol,
            "SUBGRAPH_SUBSCRIPTION_FAILED",
            "graphql-transport-ws was not",
        ),
        (never_acknowledge, "SUBGRAPH_TIMEOUT", "in time"),
        (forbid, "SUBGRAPH_SUBSCRIPTION_FAILED", "4403, forbidden"),
        (send_garbage, "SUBGRAPH_SUBSCRIPTION_FAILED", "Bad response"),
        (send_binary, "SUBGRAPH_SUBSCRIPTION_FAILED", "4004, bad response"),
        (send_no_result, "SUBGRAPH_MALFORMED_RESPONSE", "not a GraphQL result"),
        (send_too_much, "SUBGRAPH_SUBSCRIPTION_FAILED", "1009, message too big"),
        (hang_up, "SUBGRAPH_SUBSCRIPTION_FAILED", "1012"),
    ],
)
async def test_a_broken_subgraph_is_named_in_the_error(
    opened: Opened,
    behave: Callable[[WebSocket], Awaitable[None]],
    code: str,
    message: str,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await behave(WebSocket(scope, receive, send))

    async with opened(app, connect_timeout_seconds=0.5, response_bytes_max=4_000) as sockets:
        with pytest.raises(SubgraphError, match=message) as caught:
            async for _ in sockets.subscribe(FOREVER):
                pass
    assert caught.value.code.name == code
    assert caught.value.service_name == NAME


async def test_the_subgraph_learns_why_it_is_left(opened: Opened) -> None:
    """4504 is what the protocol has for a connection that is not acknowledged in time."""
    codes: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        await websocket.accept("graphql-transport-ws")
        await websocket.receive_json()
        codes.append((await websocket.receive())["code"])

    async with opened(app, connect_timeout_seconds=0.1) as sockets:
        with pytest.raises(SubgraphError):
            await anext(sockets.subscribe(FOREVER))
        await until(lambda: codes == [4504])


async def test_a_server_that_dies_fails_each_of_its_streams(watch: Watch) -> None:
    settings = TransportSettings()
    async with aiohttp.ClientSession() as session:
        with uvicorn_server(subgraph(watch), lifespan="off") as url:

            async def open_socket(request: SubgraphRequest) -> Socket:
                return await open_aiohttp_socket(session, f"{url}/graphql", request, settings)

            sockets = SubscriptionSockets(NAME, open_socket, settings)
            streams = [sockets.subscribe(FOREVER) for _ in range(3)]
            for stream in streams:
                await anext(stream)
        for stream in streams:
            with pytest.raises(SubgraphError, match="lost a subscription") as caught:
                await anext(stream)
            assert caught.value.code.name == "SUBGRAPH_SUBSCRIPTION_FAILED"

        with pytest.raises(SubgraphError, match="cannot be reached"):
            await anext(sockets.subscribe(FOREVER))
        await sockets.close()
