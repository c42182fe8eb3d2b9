"""What happens to live subscriptions when something dies in the middle, as a table.

    python -m tests.live.faults --clients 1000

Each fault is injected while all clients watch; then their campaigns come to an end that nobody
announces, or that is announced while nobody can hear it. Every client has to end with the true
final state.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import aiohttp

from broadcasting import open_broadcast
from subgraphs.tasks.announce import announce
from subgraphs.tasks.models import Campaign
from tests.live.returning_client import ReturningClient
from tests.live.stack import (
    TOTAL,
    LiveStack,
    Process,
    finish,
    live_stack,
    task_id,
    tasks_database,
)

__all__ = ["FAULTS", "Row", "campaigns_of", "run_fault"]

#: Clients of one campaign.
SHARING = 10
#: How long all clients may take to end.
END_SECONDS = 90.0
Fault: TypeAlias = Callable[[LiveStack], Awaitable[None]]


class Row(NamedTuple):
    """One line of the table; times in seconds."""

    fault: str
    clients: int
    right: int
    hanging: int
    lost_connection: int
    outage_median: float
    outage_max: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"| {self.fault:<34} | {self.clients:>7,} | {self.right:>11,} | {self.hanging:>7,} | "
            f"{self.lost_connection:>12,} | {self.outage_median:>8.2f} | {self.outage_max:>8.2f} | "
            f"{self.seconds:>7.1f} |"
        )


HEAD = (
    "| fault                              | clients | final state | hanging | reconnected  | "
    "median s | max s    | total s |\n"
    "|------------------------------------|---------|-------------|---------|--------------|"
    "----------|----------|---------|"
)


async def _nothing(_: LiveStack) -> None:
    pass


async def _kill_redis(stack: LiveStack) -> None:
    stack.redis.kill()


async def _restart_redis(stack: LiveStack) -> None:
    await asyncio.to_thread(stack.redis.restart)


async def _kill_subgraph(stack: LiveStack) -> None:
    stack.tasks.process.kill()


async def _restart_subgraph(stack: LiveStack) -> None:
    await asyncio.to_thread(stack.tasks.restart)


async def _kill_gateway(stack: LiveStack) -> None:
    stack.gateways[0].process.kill()


async def _end_gateway(stack: LiveStack) -> None:
    await asyncio.to_thread(stack.gateways[0].process.stop)


async def _exchange_supergraph(stack: LiveStack) -> None:
    sdl = stack.folder / "users.graphql"
    sdl.write_text(sdl.read_text() + "\nextend type Query { added: Int }\n")
    async with asyncio.timeout(END_SECONDS):
        # Processes of their own, which tell nobody.
        while not all([await _has_added(gateway) for gateway in stack.gateways]):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _has_added(gateway: Process) -> bool:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"http://127.0.0.1:{gateway.port}/graphql",
            json={"query": '{ __type(name: "Query") { fields { name } } }'},
        ) as response,
    ):
        return '"added"' in await response.text()


#: What breaks before the campaigns end, and what is mended after.
FAULTS: dict[str, tuple[Fault, Fault]] = {
    "kill -9 of Redis": (_kill_redis, _restart_redis),
    "kill -9 of the subgraph": (_kill_subgraph, _restart_subgraph),
    "kill -9 of one of two gateways": (_kill_gateway, _nothing),
    "orderly end of one of two gateways": (_end_gateway, _nothing),
    "exchange of the supergraph": (_exchange_supergraph, _nothing),
}


def campaigns_of(clients: int) -> int:
    """How many campaigns so many clients share."""
    return max(1, clients // SHARING)


async def run_fault(stack: LiveStack, name: str, count: int) -> Row:
    """Let so many clients watch, inject the fault, end the campaigns, and see what was told."""
    ids = [task_id(number) for number in range(campaigns_of(count))]
    ports = [gateway.port for gateway in stack.gateways]
    orders = (ports[::-1], ports)
    clients = [
        ReturningClient(ids[number % len(ids)], stack.authorization, orders[number % 2])
        for number in range(count)
    ]
    tasks = [asyncio.create_task(client.run()) for client in clients]
    try:
        async with asyncio.timeout(END_SECONDS):
            await asyncio.gather(*(client.was_told.wait() for client in clients))
        started = time.monotonic()
        breaks, mends = FAULTS[name]
        await breaks(stack)
        await finish(stack, ids)
        await _announce(stack, ids)
        await mends(stack)
        _, hanging = await asyncio.wait(tasks, timeout=END_SECONDS)
        return _row(name, clients, len(hanging), time.monotonic() - started)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _announce(stack: LiveStack, ids: list[str]) -> None:
    """Announce the end, once, as a worker does that knows nothing of the fault."""
    async with (
        open_broadcast(stack.redis.url) as broadcast,
        tasks_database(stack.folder) as database,
        database.reading() as session,
    ):
        for id_ in ids:
            campaign = await session.get(Campaign, id_)
            assert campaign is not None
            if not await announce(broadcast, campaign.snapshot()):
                break  # nor the next ones


def _row(name: str, clients: list[ReturningClient], hanging: int, seconds: float) -> Row:
    outages = [outage for client in clients for outage in client.outages]
    right = [
        client
        for client in clients
        if client.is_over
        and client.last["state"] == "COMPLETED"
        and client.last["progress"]["sent"] == TOTAL
        and client.last["progress"]["queued"] == 0
    ]
    return Row(
        name,
        len(clients),
        len(right),
        hanging,
        sum(bool(client.outages) for client in clients),
        statistics.median(outages) if outages else 0.0,
        max(outages, default=0.0),
        seconds,
    )


def main() -> int:
    """Inject every fault and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1_000)
    count = parser.parse_args().clients
    print(HEAD)
    is_right = True
    for name in FAULTS:
        with (
            tempfile.TemporaryDirectory() as folder,
            live_stack(Path(folder), campaigns_of(count), gateways=2, follows=True) as stack,
        ):
            row = asyncio.run(run_fault(stack, name, count))
        print(row, flush=True)
        is_right = is_right and row.right == row.clients
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
