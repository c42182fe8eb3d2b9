"""`make bench-memory`: does the gateway's memory stay flat, whatever and however much is asked?

A gateway process, a process of four subgraphs, and this one, which sends `--requests` requests over
`--documents` distinct documents. A few documents are asked for often and most of them seldom, so
the caches are hit, filled and evicted from all the time. The gateway's resident memory is sampled;
the curve is drawn as SVG. After the warm-up it may grow by `--growth-mb` at most, or the exit
status is 1. Every answer is compared with the first one to the same document.
"""

import argparse
import asyncio
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple, cast

import httptools
import uvloop

from subgraphs.demo.processes import answers_health, free_port, wait_until
from supergraph.traffic.http1.client import Http1Client
from supergraph.traffic.http1.target import parse_target
from supergraph.traffic.payload import OWN_HEADERS
from supergraph.traffic.settings import TransportSettings
from tests.bench.curve import draw_curve
from tests.bench.many_documents import SUBGRAPHS, Answers, document, supergraph_sdl
from tests.bench.request import cpu_seconds

CONNECTIONS = 16
SAMPLES = 400
#: Of all requests, before memory has to be flat.
WARM_UP_SHARE = 0.2
#: Of all samples, whose median is taken at the begin and at the end of the rest.
WINDOW_SHARE = 0.1
#: The larger, the more often the first documents are asked for.
SKEW = 3.0
TIMEOUT_SECONDS = 60.0
READY_SECONDS = 60.0
MEGABYTE = 1_000_000


class Sample(NamedTuple):
    """Requests answered so far, and the gateway's resident bytes."""

    requests: int
    bytes: int


class Verdict(NamedTuple):
    """Resident megabytes after the warm-up and at the end."""

    warm: float
    end: float

    @property
    def growth(self) -> float:
        """What came on top of the warm-up."""
        return self.end - self.warm


def main() -> int:
    """Run, draw, and judge."""
    options = _options()
    with processes() as (pid, url):
        before = cpu_seconds(pid)
        samples = uvloop.run(load(url, pid, options.requests, options.documents))
        spent = cpu_seconds(pid) - before
    verdict = judge(samples)
    options.picture.parent.mkdir(parents=True, exist_ok=True)
    options.picture.write_text(
        draw_curve(
            [(sample.requests, sample.bytes / MEGABYTE) for sample in samples],
            title=f"{options.requests:,} requests over {options.documents:,} documents",
            x_label="requests",
            y_label="resident memory of the gateway, MB",
            mark=options.requests * WARM_UP_SHARE,
        )
    )
    is_flat = verdict.growth <= options.growth_mb
    print(
        f"{options.requests:,} requests over {options.documents:,} documents, "
        f"{spent / options.requests * 1000:.3f} CPU ms each\n"
        f"resident after warm-up {verdict.warm:.1f} MB, at the end {verdict.end:.1f} MB: "
        f"grown by {verdict.growth:.1f} MB, {'within' if is_flat else 'OVER'} the bound of "
        f"{options.growth_mb:g} MB\ncurve: {options.picture}"
    )
    return 0 if is_flat else 1


def judge(samples: Sequence[Sample]) -> Verdict:
    """Compare the window behind the warm-up with the one at the end."""
    window = max(1, round(len(samples) * WINDOW_SHARE))
    first = round(len(samples) * WARM_UP_SHARE)

    def megabytes(part: Sequence[Sample]) -> float:
        return statistics.median(sample.bytes for sample in part) / MEGABYTE

    return Verdict(megabytes(samples[first : first + window]), megabytes(samples[-window:]))


async def load(url: str, pid: int, requests: int, documents: int) -> list[Sample]:
    """Send all requests; samples are taken in between."""
    client = Http1Client(
        parse_target(url),
        TransportSettings(connections_max=CONNECTIONS),
        OWN_HEADERS,
    )
    bodies = [json.dumps({"query": document(number)}).encode() for number in range(documents)]
    first_answers: dict[int, bytes] = {}
    samples: list[Sample] = []
    step = max(1, requests // SAMPLES)
    numbers = iter(range(1, requests + 1))
    rng = Random(requests)

    async def send_on() -> None:
        for number in numbers:
            index = int(documents * rng.random() ** SKEW)
            answer = await client.post(
                bodies[index], {}, timeout_seconds=TIMEOUT_SECONDS, is_safe_to_repeat=True
            )
            digest = hashlib.blake2b(answer.body, digest_size=16).digest()
            if answer.status != 200 or first_answers.setdefault(index, digest) != digest:
                raise SystemExit(f"a wrong answer to {bodies[index]!r}: {answer}")
            if b'"errors"' in answer.body:
                raise SystemExit(f"an error in answer to {bodies[index]!r}: {answer.body!r}")
            if number % step == 0:
                samples.append(Sample(number, resident_bytes(pid)))

    try:
        await asyncio.gather(*(send_on() for _ in range(CONNECTIONS)))
    finally:
        await client.close()
    return sorted(samples)


def resident_bytes(pid: int) -> int:
    """A process' resident memory (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def processes() -> Iterator[tuple[int, str]]:
    """Subgraphs and gateway as processes of their own: the gateway's process id and URL."""
    serve = [sys.executable, "-m", "tests.bench.memory", "subgraphs"]
    with (
        tempfile.TemporaryDirectory(prefix="supergraph-memory-") as folder,
        _running(serve, stdout=subprocess.PIPE) as upstream,
    ):
        assert upstream.stdout is not None
        upstream_port = int(upstream.stdout.readline())
        port = free_port()
        with _running(_gateway_command(Path(folder), upstream_port, port)) as gateway:
            base = f"http://127.0.0.1:{port}"
            wait_until(
                lambda: gateway.poll() is not None or answers_health(f"{base}/health/ready"),
                READY_SECONDS,
                "the gateway's start",
            )
            yield gateway.pid, f"{base}/graphql"


def _gateway_command(folder: Path, upstream_port: int, port: int) -> list[str]:
    supergraph, config = folder / "supergraph.graphql", folder / "gateway.yaml"
    supergraph.write_text(supergraph_sdl())
    targets = {name: {"target": f"http://127.0.0.1:{upstream_port}/{name}"} for name in SUBGRAPHS}
    # JSON is YAML.
    config.write_text(json.dumps({"subgraphs": targets, "logs": {"level": "warning"}}))
    return [
        *(sys.executable, "-m", "supergraph", "serve", "--port", str(port)),
        *("--supergraph", str(supergraph), "--gateway-config", str(config)),
    ]


@contextmanager
def _running(command: list[str], stdout: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=stdout) as process:
        try:
            yield process
        finally:
            process.terminate()


class SubgraphServer(asyncio.Protocol):
    """Answers for all subgraphs, each at the path of its name."""

    def __init__(self, answers: dict[str, Answers], tasks: set[asyncio.Task[None]]) -> None:
        self._answers = answers
        self._tasks = tasks
        self._parser = httptools.HttpRequestParser(self)
        self._path = ""
        self._chunks: list[bytes] = []
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """Note who is asked."""
        self._path += url.decode()

    def on_body(self, chunk: bytes) -> None:
        """Collect the body."""
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        """Answer."""
        name, body = self._path.strip("/"), b"".join(self._chunks)
        self._path, self._chunks = "", []
        task = asyncio.get_running_loop().create_task(self._answer(name, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, name: str, body: bytes) -> None:
        answer = await self._answers[name].answer(body)
        assert self._transport is not None
        self._transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (len(answer), answer)
        )


async def serve_subgraphs() -> None:
    """Listen on a free port, print it, and serve until killed."""
    answers = {name: Answers(name) for name in SUBGRAPHS}
    tasks: set[asyncio.Task[None]] = set()
    server = await asyncio.get_running_loop().create_server(
        lambda: SubgraphServer(answers, tasks), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=5_000)
    parser.add_argument("--growth-mb", type=float, default=10.0)
    parser.add_argument("--picture", type=Path, default=Path("build/memory.svg"))
    return parser.parse_args()


if __name__ == "__main__":
    if sys.argv[1:] == ["subgraphs"]:
        uvloop.run(serve_subgraphs())
    else:
        sys.exit(main())
