"""Subscriptions over every protocol: a Strawberry subgraph behind uvicorn, and in process."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.connect import connect
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.subscription_way import SubscriptionProtocol, SubscriptionWay
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest, SubgraphTransport
from tests.kit.servers import uvicorn_server
from tests.traffic.streaming_subgraph import (
    FOREVER,
    Watch,
    cancelled,
    counting,
    started,
    stops_growing,
    subgraph,
    until,
)

NAME = SubgraphName("ticker")
Opened = Callable[..., AbstractAsyncContextManager[SubgraphTransport]]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(params=["sse", "multipart", "websocket"])
def protocol(request: pytest.FixtureRequest) -> SubscriptionProtocol:
    name: SubscriptionProtocol = request.param
    return name


@pytest.fixture(params=["http", "unix", "asgi"])
def opened(
    request: pytest.FixtureRequest, watch: Watch, protocol: SubscriptionProtocol, tmp_path: Path
) -> Opened:
    @asynccontextmanager
    async def open_transport(
        path: str | None = None, **settings: Any
    ) -> AsyncGenerator[SubgraphTransport, None]:
        way = SubscriptionWay(protocol, path)
        app = subgraph(watch)
        if request.param == "asgi":
            async with closed(connect(NAME, app, TransportSettings(**settings), way)) as it:
                yield it
            return
        unix_path = str(tmp_path / "s") if request.param == "unix" else None
        serving = {"unix_path": unix_path, "lifespan": "off", "timeout_graceful_shutdown": 1}
        with uvicorn_server(app, **serving) as url:
            transport = connect(NAME, f"{url}/graphql", TransportSettings(**settings), way)
            async with closed(transport) as it:
                yield it

    return open_transport


@asynccontextmanager
async def closed(transport: SubgraphTransport) -> AsyncGenerator[SubgraphTransport, None]:
    before = asyncio.all_tasks()
    async with started(transport):
        yield transport
    await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before, "a task was left behind"


async def test_events_arrive_in_order_and_end(opened: Opened, watch: Watch) -> None:
    async with opened() as transport:
        events = [reply async for reply in transport.subscribe(counting(50))]

        assert events == [SubgraphReply({"count": number}) for number in range(50)]
        await until(lambda: watch.running == 0)


@pytest.mark.parametrize("protocol", ["sse", "multipart"], indirect=True)
async def test_headers_are_forwarded_and_the_stream_is_asked_for(
    opened: Opened, watch: Watch, protocol: SubscriptionProtocol
) -> None:
    headers = {"authorization": "Bearer a", "origin": "https://elsewhere.example"}
    async with opened() as transport:
        async for _ in transport.subscribe(counting(1, headers=headers)):
            pass

    [seen] = watch.headers
    assert seen["authorization"] == "Bearer a"
    assert "origin" not in seen
    assert seen["accept"].startswith("text/event-" if protocol == "sse" else "multipart/mixed;")


async def test_the_configured_path_is_for_subscriptions_alone(opened: Opened, watch: Watch) -> None:
    async with opened(path="/live") as transport:
        answer = await transport.execute(SubgraphRequest("{ hello }"))
        events = [reply async for reply in transport.subscribe(counting(1))]

    assert answer == SubgraphReply({"hello": "hello"})
    assert events == [SubgraphReply({"count": 0})]
    assert watch.paths == ["/graphql", "/live"]


async def test_a_closed_consumer_ends_the_stream_at_the_subgraph(
    opened: Opened, watch: Watch
) -> None:
    async with opened() as transport:
        async with aclosing(transport.subscribe(FOREVER)) as stream:
            assert await anext(stream) == SubgraphReply({"forever": 1})
            assert watch.running == 1
        await until(lambda: watch.running == 0)


async def test_a_cancelled_consumer_ends_the_stream_at_the_subgraph(
    opened: Opened, watch: Watch
) -> None:
    async with opened() as transport:
        await cancelled(transport.subscribe)

        await until(lambda: watch.running == 0)


async def test_errors_while_executing_reach_the_consumer(opened: Opened) -> None:
    async with opened() as transport:
        request = SubgraphRequest("subscription { breaks }")
        replies = [reply async for reply in transport.subscribe(request)]

    assert replies[0] == SubgraphReply({"breaks": 1})
    assert [error["message"] for reply in replies for error in reply.errors] == [
        "broken on purpose"
    ]


async def test_a_refused_subscription_is_one_reply_with_errors(opened: Opened) -> None:
    async with opened() as transport:
        request = SubgraphRequest("subscription { nothing }")
        replies = [reply async for reply in transport.subscribe(request)]

    assert [reply.data for reply in replies] == [None]
    assert "nothing" in replies[0].errors[0]["message"]


@pytest.mark.parametrize("protocol", ["sse", "multipart"], indirect=True)
async def test_a_slow_consumer_holds_the_subgraph_back(opened: Opened, watch: Watch) -> None:
    total = 4_000  # over 15 MB, which is more than the kernel keeps for a socket
    request = SubgraphRequest("subscription ($n: Int!) { pages(count: $n) }", {"n": total})
    async with opened() as transport:
        stream = transport.subscribe(request)
        await anext(stream)
        stalled_at = await stops_growing(lambda: watch.produced)

        assert stalled_at < total
        assert len([reply async for reply in stream]) == total - 1


async def test_closing_the_transport_fails_the_streams(opened: Opened, watch: Watch) -> None:
    async with opened() as transport:
        stream = transport.subscribe(FOREVER)
        await anext(stream)
        await transport.close()

        with pytest.raises(SubgraphError) as caught:
            await anext(stream)
    assert caught.value.code.name == "SUBGRAPH_SUBSCRIPTION_FAILED"
    assert caught.value.was_open
    await until(lambda: watch.running == 0)
