"""A subgraph is killed in the middle of live subscriptions: they all end with the final state."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from subgraphs.demo.processes import ChildProcess, answers_health, free_port
from supergraph.config.gateway import (
    GatewayConfig,
    SubgraphConfig,
    SubgraphSubscriptionConfig,
    SubscriptionConfig,
)
from supergraph.server.gateway import Gateway
from tests.faults.progress_subgraph import DONE
from tests.kit.servers import clean_environment, running_process
from tests.server.shop import JOIN

CLIENTS = 200
TIME_LIMIT = 60.0
SUPERGRAPH = (
    JOIN.replace("mutation: Mutation", "subscription: Subscription")
    + """
enum join__Graph { PROGRESS @join__graph(name: "progress", url: "http://127.0.0.1:9/graphql") }
type Query @join__type(graph: PROGRESS) { hello: String! }
type Subscription @join__type(graph: PROGRESS) { progress(task: Int!): Int! }
"""
)
QUERY = "subscription ($task: Int!) { progress(task: $task) }"


class Subgraph:
    """The subgraph's process and the file that it tells of."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._file = folder / "state"
        self.tell(1)

    def tell(self, value: int) -> None:
        written = self._file.with_suffix(".new")
        written.write_text(str(value))
        written.replace(self._file)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[ChildProcess]:
        command = ["-m", "tests.faults.progress_subgraph", str(self.port), str(self._file)]
        process = running_process(
            "progress", command, folder=self._folder, environment=clean_environment()
        )
        with process as child:
            while not await asyncio.to_thread(
                answers_health, f"http://127.0.0.1:{self.port}/health"
            ):
                assert child.is_running, child.log_tail()
                await asyncio.sleep(0.05)
            yield child


class Clients:
    """Many clients of a gateway, each with a subscription of its own."""

    def __init__(self, gateway: Gateway) -> None:
        self.seen: list[list[Any]] = [[] for _ in range(CLIENTS)]
        self._changed = asyncio.Event()
        self._tasks = [asyncio.create_task(self._read(gateway, task)) for task in range(CLIENTS)]

    async def _read(self, gateway: Gateway, task: int) -> None:
        async with aclosing(gateway.subscribe(QUERY, {"task": task})) as results:
            async for result in results:
                codes = [error["extensions"]["code"] for error in result.errors]
                self.seen[task].append(codes or (result.data or {})["progress"])
                self._changed.set()

    async def all_see(self, is_right: Callable[[Any], bool]) -> None:
        while not all(seen and is_right(seen[-1]) for seen in self.seen):
            self._changed.clear()
            await self._changed.wait()

    async def ended(self) -> None:
        await asyncio.gather(*self._tasks)

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def watched(
    subgraph: Subgraph, protocol: Any, resubscribe_seconds: float = 60.0
) -> AsyncGenerator[Clients]:
    config = GatewayConfig(
        subgraphs={
            "progress": SubgraphConfig(subscriptions=SubgraphSubscriptionConfig(protocol=protocol))
        },
        subscriptions=SubscriptionConfig(resubscribe_seconds=resubscribe_seconds),
    )
    address = f"http://127.0.0.1:{subgraph.port}/graphql/"
    before = asyncio.all_tasks()
    async with asyncio.timeout(TIME_LIMIT):
        async with Gateway(SUPERGRAPH, {"progress": address}, config) as gateway:
            clients = Clients(gateway)
            try:
                yield clients
            finally:
                await clients.leave()
        await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before, "a task was left behind"


@pytest.mark.parametrize(
    ("protocol", "how"),
    [
        ("websocket", signal.SIGKILL),
        ("sse", signal.SIGKILL),
        pytest.param("multipart", signal.SIGKILL, marks=pytest.mark.long),
        pytest.param("websocket", signal.SIGTERM, marks=pytest.mark.long),
        pytest.param("sse", signal.SIGTERM, marks=pytest.mark.long),
    ],
)
async def test_200_subscriptions_survive_the_restart_of_their_subgraph(
    tmp_path: Path, protocol: str, how: signal.Signals
) -> None:
    subgraph = Subgraph(tmp_path)
    async with watched_from_start(subgraph, protocol) as (clients, process):
        await clients.all_see(lambda value: value == 1)
        await asyncio.to_thread(process.stop, with_signal=how)
        subgraph.tell(2)
        async with subgraph.running():
            await clients.all_see(lambda value: value == 2)
            subgraph.tell(DONE)
            await clients.ended()

    assert [seen[-1] for seen in clients.seen] == [DONE] * CLIENTS
    assert {value for seen in clients.seen for value in seen} == {1, 2, DONE}


@asynccontextmanager
async def watched_from_start(
    subgraph: Subgraph, protocol: str, resubscribe_seconds: float = 60.0
) -> AsyncGenerator[tuple[Clients, ChildProcess]]:
    async with (
        subgraph.running() as process,
        watched(subgraph, protocol, resubscribe_seconds) as clients,
    ):
        yield clients, process


async def test_a_subgraph_that_stays_away_is_a_coded_error(tmp_path: Path) -> None:
    subgraph = Subgraph(tmp_path)
    async with watched_from_start(subgraph, "sse", 1.0) as (clients, process):
        await clients.all_see(lambda value: value == 1)
        process.kill()
        await clients.ended()

    failures = {tuple(seen[-1]) for seen in clients.seen}
    assert failures <= {("SUBGRAPH_UNREACHABLE",), ("SUBGRAPH_SUBSCRIPTION_FAILED",)}


async def test_healing_can_be_switched_off(tmp_path: Path) -> None:
    subgraph = Subgraph(tmp_path)
    async with watched_from_start(subgraph, "websocket", 0) as (clients, process):
        await clients.all_see(lambda value: value == 1)
        process.kill()
        await clients.ended()

    assert {tuple(seen[-1]) for seen in clients.seen} == {("SUBGRAPH_SUBSCRIPTION_FAILED",)}
