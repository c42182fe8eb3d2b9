"""`make bench`: what one request of the README's query costs.

The embedded mode runs as a process of its own on the demo data; one client sends the query again
and again over one connection. Reported are the CPU seconds of the gateway process, which hold on a
busy machine, and the latencies, which do not. SQLite, all three subgraphs and GraphQL are in both.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from subgraphs.demo.campaign import log_in
from subgraphs.demo.client import GatewayClient
from subgraphs.demo.embedded import start_embedded
from subgraphs.demo.operations import read_operation
from subgraphs.demo.processes import free_port
from subgraphs.demo.supervisor import Supervisor

WARM_UP_REQUESTS = 50
REQUESTS = 300


def main() -> None:
    """Run the benchmark and print one line per figure."""
    with tempfile.TemporaryDirectory(prefix="supergraph-bench-") as folder, Supervisor() as watch:
        service = start_embedded(watch, Path(folder), free_port())
        pid = service.process.pid
        if pid is None:
            sys.exit("the gateway is not running")
        queries = {"overview": read_operation("overview"), "trivial": "{ __typename }"}
        print(f"{REQUESTS} requests each, one at a time, {os.cpu_count()} cores")
        for name, query in queries.items():
            cpu, latencies = asyncio.run(measure(service.graphql_url, pid, query))
            median = statistics.median(latencies)
            slowest = statistics.quantiles(latencies, n=100)[-1]
            print(
                f"{name:10} CPU {cpu * 1000:6.2f} ms/request   "
                f"median {median * 1000:6.2f} ms   p99 {slowest * 1000:6.2f} ms"
            )


async def measure(url: str, pid: int, query: str) -> tuple[float, list[float]]:
    """CPU seconds of the process per request, and each request's latency in seconds."""
    async with GatewayClient(url) as client:
        client.authorization = await log_in(client, "ada@acme.example", "demo")
        for _ in range(WARM_UP_REQUESTS):
            await client.execute(query)
        latencies = []
        cpu_before = cpu_seconds(pid)
        for _ in range(REQUESTS):
            begun = time.perf_counter()
            await client.execute(query)
            latencies.append(time.perf_counter() - begun)
        return (cpu_seconds(pid) - cpu_before) / REQUESTS, latencies


def cpu_seconds(pid: int) -> float:
    """User and system time a process has used so far (Linux)."""
    # The second field, the command's name, may hold spaces; the rest is numbers.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
