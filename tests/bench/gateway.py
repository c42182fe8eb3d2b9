"""`python -m tests.bench.gateway`: CPU per request of `supergraph serve`, by scenario.

Three processes: four subgraphs that answer from memory, the gateway, and this one, which sends
requests and reads the CPU seconds of the gateway. Sockets, HTTP and JSON are real. With `--share`
the gateway shares identical subgraph requests in flight, which is otherwise off here: a benchmark
that repeats one request would measure little else.

The scenarios:

heavy      nested lists in which books and readers come again and again; 7 subgraph requests
federated  four subgraph requests in three waves, one of them for a `@requires`
small      one subgraph, no entity
variables  one document, other variables in every request
unique     another document in every request, so that every cache misses
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from subgraphs.demo.processes import free_port
from supergraph import Subgraph, compose
from supergraph.traffic.http1.client import Http1Client
from supergraph.traffic.http1.target import parse_target
from supergraph.traffic.payload import OWN_HEADERS
from supergraph.traffic.settings import TransportSettings
from tests.bench.library.subgraphs import FEDERATION, SCHEMAS
from tests.bench.request import cpu_seconds

TIMEOUT_SECONDS = 30.0
WARM_UP_REQUESTS = 100

HEAVY = """query Heavy {
  readers {
    ...R reviews { ...T book { ...B reviews { ...T by { ...R reviews { ...T book { ...B } } } } } }
  }
  books { ...B reviews { ...T by { ...R reviews { ...T book { ...B } } } } }
}
fragment R on Reader { id nick name }
fragment T on Review { id text }
fragment B on Book { isbn title pages weight onShelf loanDays }"""
FEDERATED = """query Federated {
  books(first: 3) { isbn title%s pages onShelf loanDays reviews { id text by { id nick name } } }
}"""
VARIABLES = """query Variables($first: Int!, $id: ID!) {
  reader(id: $id) { id name nick }
  books(first: $first) { isbn title pages onShelf reviews { id by { id name } } }
}"""

#: The body of the nth request of a scenario.
SCENARIOS: dict[str, Callable[[int], dict[str, object]]] = {
    "heavy": lambda _: {"query": HEAVY},
    "federated": lambda _: {"query": FEDERATED % ""},
    "small": lambda _: {"query": "{ books(first: 5) { isbn title } }"},
    "variables": lambda n: {
        "query": VARIABLES,
        "variables": {"first": 9 + n, "id": str(n % 6 + 1)},
    },
    "unique": lambda n: {"query": FEDERATED % f" again{n}: title"},
}
REQUESTS = {
    "heavy": 1_000,
    "federated": 4_000,
    "small": 10_000,
    "variables": 2_000,
    "unique": 2_000,
}


@contextmanager
def subgraphs() -> Iterator[int]:
    """The subgraphs in a process of their own; their port."""
    command = [sys.executable, "-m", "tests.bench.library.subgraphs"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield int(child.stdout.readline())
        finally:
            child.kill()


@contextmanager
def gateway(subgraph_port: int, settings: str) -> Iterator[tuple[int, int]]:
    """`supergraph serve` in a process of its own: its process id and port."""
    result = compose(
        [
            Subgraph(name, FEDERATION + sdl, f"http://127.0.0.1:{subgraph_port}/{name}")
            for name, sdl in SCHEMAS.items()
        ]
    )
    assert result.supergraph_sdl is not None, result.errors
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="supergraph-bench-") as folder:
        file = Path(folder, "supergraph.graphql")
        file.write_text(result.supergraph_sdl)
        config = Path(folder, "gateway.yaml")
        config.write_text(settings)
        command = [sys.executable, "-m", "supergraph", "serve", "--port", str(port)]
        command += ["--supergraph", str(file), "--gateway-config", str(config)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as child:
            try:
                yield child.pid, port
            finally:
                child.terminate()


class Load:
    """Requests of one scenario over so many connections, one at a time on each."""

    def __init__(self, port: int, scenario: str, connections: int) -> None:
        self._scenario = SCENARIOS[scenario]
        self._connections = connections
        self._client = Http1Client(
            parse_target(f"http://127.0.0.1:{port}/graphql"),
            TransportSettings(connections_max=connections),
            OWN_HEADERS,
        )
        self._numbers = iter(range(1_000_000_000))
        self.latencies: list[float] = []

    async def send(self, requests: int) -> None:
        """Send them; a wrong answer ends the benchmark."""
        self.latencies = []
        await asyncio.gather(
            *(self._send(requests // self._connections) for _ in range(self._connections))
        )

    async def wait_until_ready(self) -> None:
        """The gateway's first answer."""
        end = time.monotonic() + 30
        while True:
            try:
                await self._send(1)
            except OSError:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(0.05)
            else:
                return

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _send(self, requests: int) -> None:
        for _ in range(requests):
            body = json.dumps(self._scenario(next(self._numbers))).encode()
            begun = time.perf_counter()
            answer = await self._client.post(
                body, {}, timeout_seconds=TIMEOUT_SECONDS, is_safe_to_repeat=True
            )
            self.latencies.append(time.perf_counter() - begun)
            if answer.status != 200 or b'"errors"' in answer.body[:10]:
                raise SystemExit(f"a wrong answer: {answer.body[:300]!r}")


async def measure(port: int, pid: int, scenario: str, connections: int) -> str:
    """One line of the table."""
    load = Load(port, scenario, connections)
    await load.wait_until_ready()
    await load.send(max(WARM_UP_REQUESTS, connections))
    cpu, begun = cpu_seconds(pid), time.perf_counter()
    await load.send(REQUESTS[scenario])
    seconds = time.perf_counter() - begun
    cpu = cpu_seconds(pid) - cpu
    await load.close()
    count = len(load.latencies)
    slowest = statistics.quantiles(load.latencies, n=100)[-1]
    return (
        f"{scenario:10} {connections:5} {cpu / count * 1000:9.3f} {count / seconds:9.0f} "
        f"{statistics.median(load.latencies) * 1000:9.2f} {slowest * 1000:9.2f} {rss_mb(pid):7.0f}"
    )


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def main() -> None:
    """Measure the scenarios and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--share", action="store_true", help="share requests in flight")
    options = parser.parse_args()
    settings = "logs: {access: true}\n"
    print("scenario   conns   CPU ms/r     req/s    p50 ms    p99 ms  RSS MB")
    with subgraphs() as subgraph_port, gateway(subgraph_port, settings) as (pid, port):
        for scenario in options.scenarios:
            for connections in (1, 50):
                print(uvloop.run(measure(port, pid, scenario, connections)), flush=True)


if __name__ == "__main__":
    main()
