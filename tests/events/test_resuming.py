"""A client that comes back with `Last-Event-ID` misses nothing, over HTTP and a real Redis."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
import uvicorn

from broadcasting import Broadcast, open_broadcast
from supergraph import Gateway
from supergraph.server.listen import bind, uvicorn_config
from tests.events.jobs import ARGUMENTS, Jobs, Publisher, gateway

DURABLE = ARGUMENTS + ', source: "STREAM"'
QUERY = 'subscription { job(id: "1") { percent owner { name } } }'


@dataclass
class Stage:
    """A gateway at a URL, and the publisher of its events."""

    url: str
    jobs: Jobs
    broadcast: Broadcast

    async def announce(self, *percents: int) -> None:
        for percent in percents:
            self.jobs.percent["1"] = percent
            await self.broadcast.append("job:1", self.jobs.message("1", percent))


@pytest.fixture(params=["memory", "redis"])
async def stage(request: pytest.FixtureRequest) -> AsyncGenerator[Stage]:
    url = request.getfixturevalue("redis_server").url if request.param == "redis" else None
    jobs = Jobs()
    async with open_broadcast(url) as broadcast:
        Publisher.current = broadcast
        async with served(gateway(jobs, redis_url=url, arguments=DURABLE)) as address:
            yield Stage(address, jobs, broadcast)
        Publisher.current = None


@asynccontextmanager
async def served(app: Gateway) -> AsyncGenerator[str]:
    """In this event loop: the broadcast in memory belongs to it."""
    listener = bind("127.0.0.1", 0, 100)
    server = uvicorn.Server(uvicorn_config(app, app.config))
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110 # uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
    finally:
        server.should_exit = True
        await serving


class Watcher:
    """Reads events, and remembers the last id."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.last_id = ""

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[aiohttp.StreamReader]:
        headers = {"accept": "text/event-stream"}
        if self.last_id:
            headers["last-event-id"] = self.last_id
        async with (
            asyncio.timeout(20),
            aiohttp.ClientSession() as session,
            session.post(self._stage.url, json={"query": QUERY}, headers=headers) as response,
        ):
            yield response.content

    async def percents(self, content: aiohttp.StreamReader, count: int) -> list[int]:
        """The next so many states."""
        found: list[int] = []
        while len(found) < count:
            event = (await content.readuntil(b"\n\n")).decode()
            fields = dict(line.split(": ", 1) for line in event.splitlines() if ": " in line)
            self.last_id = fields.get("id", self.last_id)
            if fields.get("event") == "next":
                job = json.loads(fields["data"])["data"]["job"]
                assert job["owner"] == {"name": "owner o1"}
                found.append(job["percent"])
        return found


async def test_what_happened_meanwhile_is_told_in_order(stage: Stage) -> None:
    watcher = Watcher(stage)
    async with watcher.connected() as content:
        assert await watcher.percents(content, 1) == [0]
        await stage.announce(10)
        assert await watcher.percents(content, 1) == [10]
    await stage.announce(20, 30, 40)
    async with watcher.connected() as content:
        assert await watcher.percents(content, 3) == [20, 30, 40]
        await stage.announce(50)
        assert await watcher.percents(content, 1) == [50]


async def test_who_saw_the_first_state_only_misses_nothing_either(stage: Stage) -> None:
    watcher = Watcher(stage)
    async with watcher.connected() as content:
        assert await watcher.percents(content, 1) == [0]
    assert watcher.last_id
    await stage.announce(10, 20)
    async with watcher.connected() as content:
        assert await watcher.percents(content, 2) == [10, 20]


async def test_the_end_that_came_meanwhile_is_told(stage: Stage) -> None:
    watcher = Watcher(stage)
    async with watcher.connected() as content:
        await watcher.percents(content, 1)
    await stage.announce(50, 100)
    async with watcher.connected() as content:
        assert await watcher.percents(content, 2) == [50, 100]
        assert await content.read() == b"event: complete\ndata: \n\n"


@pytest.mark.parametrize("last_id", ["1-1", "99999999999999-0", "nonsense"])
async def test_an_id_that_is_not_kept_begins_with_the_present_state(
    stage: Stage, last_id: str
) -> None:
    await stage.announce(10, 20)
    watcher = Watcher(stage)
    watcher.last_id = last_id
    async with watcher.connected() as content:
        assert await watcher.percents(content, 1) == [20]


async def test_coming_back_needs_the_right_to_watch(stage: Stage) -> None:
    watcher = Watcher(stage)
    async with watcher.connected() as content:
        await watcher.percents(content, 1)
    stage.jobs.percent.pop("1")
    async with watcher.connected() as content:
        assert b"NOTHING_TO_WATCH" in await content.read()
