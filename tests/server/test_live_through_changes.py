"""Live subscriptions while the supergraph is exchanged, the token expires or the server leaves."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncGenerator

import aiohttp
import pytest

from broadcasting import open_broadcast
from supergraph.stages.request import GraphQLRequest
from supergraph.subscriptions import feed
from supergraph.subscriptions.events import Ended, Item, Published
from tests.events.jobs import Jobs, Publisher, gateway, supergraph_sdl
from tests.kit.in_loop import until
from tests.server.test_streams import COMPLETE, PARTS, asked
from tests.server.test_websocket_endpoint import (
    Served,
    closing_of,
    receive,
    served,
    subscribe,
)
from tests.server.ticking import SUPERGRAPH

FOREVER = "subscription { forever }"


@pytest.fixture
async def server() -> AsyncGenerator[Served]:
    async with served() as it:
        yield it


@pytest.fixture(autouse=True)
def short_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "OVERLAP_SECONDS", 0.2)


async def test_a_subscription_survives_an_exchange_of_the_supergraph(server: Served) -> None:
    async with server.ready() as socket:
        await socket.send_json(subscribe("1", FOREVER))
        await receive(socket, 1)
        await server.gateway.swap(SUPERGRAPH + "\n# changed")
        retired = server.gateway._retirements
        await until(lambda: not retired)
        assert server.counters.running == 1
        # What the new source tells first is known already; nothing else has happened.
        await socket.send_json({"type": "ping"})
        assert (await socket.receive_json())["type"] == "pong"
        assert server.gateway.pipeline.hub.clients == 1


async def test_a_subscription_the_new_supergraph_cannot_answer_ends_with_a_code(
    server: Served,
) -> None:
    without = SUPERGRAPH.replace("forever: Int!", "eternal: Int!")
    assert without != SUPERGRAPH
    async with server.ready() as socket, asked(server, FOREVER) as response:
        await socket.send_json(subscribe("1", FOREVER))
        await receive(socket, 1)
        await response.content.readuntil(b"}}\n\n")
        await server.gateway.swap(without)
        (end,) = await receive(socket, 1)
        rest = await response.read()
    assert end["type"] == "error"
    assert end["payload"][0]["extensions"]["code"] == "SUBSCRIPTION_SCHEMA_RELOAD"
    assert b"SUBSCRIPTION_SCHEMA_RELOAD" in rest
    assert rest.endswith(COMPLETE)
    assert server.counters.running == 0


async def test_watchers_of_events_see_nothing_of_an_exchange() -> None:
    jobs = Jobs()
    async with open_broadcast(None) as broadcast:
        Publisher.current = broadcast
        async with gateway(jobs) as started:
            request = GraphQLRequest(query='subscription { job(id: "1") { percent } }')
            pipeline = started.pipeline
            async with pipeline.watch(await pipeline.prepare(request)) as watching:
                events: list[Item] = [await watching.get()]
                await started.swap(supergraph_sdl() + "\n# changed")
                for percent in (10, 50, 100):
                    await jobs.announce(broadcast, "1", percent)
                    events.append(await watching.get())
                events.append(await watching.get())
    payloads = [event.payload for event in events if isinstance(event, Published)]
    assert payloads == [b'{"data":{"job":{"percent":%d}}}' % n for n in (0, 10, 50, 100)]
    assert events[-1] == Ended()


def token(seconds: float) -> str:
    claims = json.dumps({"exp": time.time() + seconds}).encode()
    return f"Bearer e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"


async def test_a_subscription_ends_with_its_token(server: Served) -> None:
    headers = {"authorization": token(0.3)}
    async with server.ready(payload=headers) as socket, server.ready() as other:
        await socket.send_json(subscribe("1", FOREVER))
        await other.send_json(subscribe("1", FOREVER))
        assert (await receive(socket, 1))[0]["type"] == "next"
        (end,) = await receive(socket, 1)
        assert end["type"] == "error"
        assert end["payload"][0]["extensions"]["code"] == "SUBSCRIPTION_JWT_EXPIRED"
        await receive(other, 1)
        await until(lambda: server.counters.running == 1)


@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer a.b.c", "Bearer e30.e30.", "Basic e30.e30.e30", f"Bearer {'x' * 20_000}"],
)
async def test_other_tokens_end_nothing(server: Served, value: str) -> None:
    async with server.ready(payload={"authorization": value}) as socket:
        await socket.send_json(subscribe("1", FOREVER))
        assert (await receive(socket, 1))[0]["type"] == "next"


async def test_a_server_that_leaves_asks_watchers_to_come_back(server: Served) -> None:
    async with (
        asked(server, FOREVER) as events,
        asked(server, FOREVER, PARTS) as parts,
        server.ready() as socket,
    ):
        await socket.send_json(subscribe("1", FOREVER))
        await receive(socket, 1)
        await events.content.readuntil(b"}}\n\n")
        await parts.content.readuntil(b"}}}\r\n--graphql")
        started = time.monotonic()
        server.leave()
        last = await events.read()
        assert last.startswith(b"retry: ")
        assert 500 <= int(last.split()[1]) <= 5_000
        assert COMPLETE not in last
        assert b"SUBSCRIPTION_SHUTDOWN" in await parts.read()
        assert (await closing_of(socket))[0] in {1001, 1012}
        assert time.monotonic() - started < 10, "nobody waits for the time limit of the shutdown"


async def test_a_request_in_progress_is_still_answered_by_a_server_that_leaves(
    server: Served,
) -> None:
    body = json.dumps({"query": "{ hello }"}).encode()
    host, port = server.url.split("/")[2].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n" % len(body)
    )
    await writer.drain()
    async with aiohttp.ClientSession() as session:
        await (await session.post(server.url, json={"query": "{ hello }"})).read()
    server.leave()
    writer.write(body)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b'{"data":{"hello":"world"}}')
