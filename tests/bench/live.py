"""`make bench-live`: thousands of clients watch tasks through one gateway and one Redis.

    python -m tests.bench.live --clients 10000 --tasks 1000 --seconds 20 --transport sse

A Redis, the tasks service and a gateway, each a process of its own; a process that publishes one
change of every task per second; and this one, which holds the clients. Reported are the time until
all clients have their first state, the gateway's memory per client that waits, the delay from
publishing to the client, and the gateway's CPU per event a client gets. The exit status is 1 when
a client ends without the final state.

`--peer COMMAND` starts another gateway in place of ours, over the same supergraph and service:
`{supergraph}` stands for the file of the supergraph and `{port}` for the port that it has to listen
on. It must forward the header `authorization`, and answer at `/graphql`.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import uvloop

from tests.bench.request import cpu_seconds
from tests.kit.servers import clean_environment, running_process
from tests.live.clients import Client, Transport
from tests.live.stack import LiveStack, live_stack, task_id

READY_SECONDS = 60.0
#: Clients that connect at the same time.
CONNECTING = 200


def main() -> int:
    """Run and report."""
    options = _options()
    with (
        tempfile.TemporaryDirectory() as folder,
        live_stack(Path(folder), options.tasks, peer=options.peer) as stack,
    ):
        return uvloop.run(watch(stack, options))


async def watch(stack: LiveStack, options: argparse.Namespace) -> int:
    """Connect all, measure memory, publish, and wait for the end of all."""
    gateway = stack.gateways[0].pid
    before = resident_bytes(gateway)
    started = time.monotonic()
    async with connected(stack, options.clients, options.tasks, options.transport) as clients:
        connecting = time.monotonic() - started
        waiting = resident_bytes(gateway)
        spent = cpu_seconds(gateway)
        figures = (stack.redis.url, str(options.tasks), str(options.seconds))
        with running_process(
            "publisher",
            ["-m", "tests.live.publisher", *figures],
            folder=stack.folder,
            environment=clean_environment(),
        ):
            await clients.over(options.seconds + options.patience)
        spent = cpu_seconds(gateway) - spent
        return report(options, clients.all, connecting, waiting - before, spent)


def report(
    options: argparse.Namespace,
    clients: list[Client],
    connecting: float,
    grown: int,
    spent: float,
) -> int:
    """Say it in figures; 1 where somebody did not see the end."""
    delays = sorted(delay for client in clients for delay in client.delays)
    events = len(delays)
    missed = [client for client in clients if not client.saw_final]
    problems = sorted({client.problem for client in clients if client.problem})
    centiles = statistics.quantiles(delays, n=100) if events > 1 else [float("nan")] * 99
    print(
        f"{options.transport}: {len(clients):,} clients of {options.tasks:,} tasks, "
        f"{options.seconds} s\n"
        f"  all connected and told the state after {connecting:.1f} s\n"
        f"  memory per waiting client {grown / len(clients) / 1_000:.1f} kB\n"
        f"  events delivered {events:,} ({events / options.seconds:,.0f} per second), "
        f"CPU {spent / max(events, 1) * 1e6:.1f} µs each\n"
        f"  delay ms: p50 {centiles[49]:.1f}, p90 {centiles[89]:.1f}, p99 {centiles[98]:.1f}, "
        f"max {delays[-1] if delays else float('nan'):.1f}\n"
        f"  saw the final state {len(clients) - len(missed):,}, did not {len(missed):,}"
    )
    for problem in problems[:5]:
        print(f"  problem: {problem}")
    return 1 if missed else 0


class Clients:
    """Those that are connected."""

    def __init__(self) -> None:
        self.all: list[Client] = []
        self._news = asyncio.Event()
        self._told = 0
        self._over = 0

    def heard(self, client: Client) -> None:
        """A client has its first state, or has ended."""
        # Once of each: when it has a state, or ends without one.
        self._told += client.is_over != (client.events > 0)
        self._over += client.is_over
        self._news.set()

    async def over(self, seconds: float) -> None:
        """Wait for the end of all, or of the time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._over < len(self.all):
                    self._news.clear()
                    await self._news.wait()

    async def told(self, count: int) -> None:
        """Wait until all but `count` have their first state."""
        while len(self.all) - self._told > count:
            self._news.clear()
            await self._news.wait()


@contextlib.asynccontextmanager
async def connected(
    stack: LiveStack, count: int, tasks: int, transport: Transport
) -> AsyncGenerator[Clients]:
    """Clients that have their first state."""
    loop = asyncio.get_running_loop()
    clients = Clients()
    try:
        for number in range(count):
            task = task_id(number % tasks)
            protocol = partial(Client, task, transport, stack.authorization, clients.heard)
            _, client = await loop.create_connection(protocol, "127.0.0.1", stack.gateways[0].port)
            clients.all.append(client)
            if number % CONNECTING == CONNECTING - 1:
                async with asyncio.timeout(READY_SECONDS):
                    await clients.told(CONNECTING)
        async with asyncio.timeout(READY_SECONDS):
            await clients.told(0)
        yield clients
    finally:
        for client in clients.all:
            client.leave()


def resident_bytes(pid: int) -> int:
    """A process' resident memory (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096


def _options() -> argparse.Namespace:
    description = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--tasks", type=int, default=1_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds to wait for the end")
    parser.add_argument("--transport", choices=("sse", "ws"), default="sse")
    parser.add_argument("--peer", default="", help="the command of another gateway to measure")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
