"""`python -m tests.bench.http_client`: what one proxied call costs, by client.

Three processes: an upstream that answers at once, a proxy that calls it for every request, and
this one, which sends requests and reads the CPU seconds of the proxy. All but the proxy's client
are the same, and as small as they can be; "none" is the proxy without a call. The clients take
turns, so that a busy machine treats them alike.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import cast

import aiohttp
import httptools
import uvloop

from supergraph.traffic.http1.client import Http1Client
from supergraph.traffic.http1.target import parse_target
from supergraph.traffic.payload import OWN_HEADERS
from supergraph.traffic.settings import TransportSettings
from tests.bench.request import cpu_seconds

CLIENTS = ("none", "http1", "aiohttp")
CONNECTIONS = 50
ROUNDS = 5
REQUESTS = 10_000
WARM_UP_REQUESTS = 1_000
TIMEOUT_SECONDS = 30.0
#: An operation and an answer as an entity fetch has them.
OPERATION = b'{"query":"query($r:[_Any!]!){_entities(representations:$r){...on User{name}}}"}'
ANSWER = b'{"data":{"_entities":[' + b",".join([b'{"name":"Ada Lovelace"}'] * 20) + b"]}}"

Call = Callable[[bytes], Awaitable[bytes]]


class Server(asyncio.Protocol):
    """Answers every POST with what `call` makes of its body."""

    def __init__(self, call: Call, tasks: set[asyncio.Task[None]]) -> None:
        self.call = call
        self.tasks = tasks
        self.parser = httptools.HttpRequestParser(self)
        self.chunks: list[bytes] = []
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, chunk: bytes) -> None:
        self.chunks.append(chunk)

    def on_message_complete(self) -> None:
        body, self.chunks = b"".join(self.chunks), []
        task = asyncio.get_running_loop().create_task(self.answer(body))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def answer(self, body: bytes) -> None:
        answer = await self.call(body)
        assert self.transport is not None
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nserver: bench\r\ndate: Mon, 23 Nov 2026 12:00:00 GMT\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (len(answer), answer)
        )


async def serve(call: Call) -> None:
    """Listen on a free port, print it, and serve until killed."""
    tasks: set[asyncio.Task[None]] = set()
    server = await asyncio.get_running_loop().create_server(
        lambda: Server(call, tasks), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def answer_at_once(_body: bytes) -> bytes:
    """The upstream's answer, and that of a proxy without a client."""
    return ANSWER


async def proxy(client: str, url: str) -> None:
    """Serve with one of the clients."""
    if client == "none":
        await serve(answer_at_once)
    elif client == "http1":
        http1 = Http1Client(parse_target(url), TransportSettings(), OWN_HEADERS)

        async def call(body: bytes) -> bytes:
            answer = await http1.post(
                body, {}, timeout_seconds=TIMEOUT_SECONDS, is_safe_to_repeat=True
            )
            return answer.body

        await serve(call)
    else:
        session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS, sock_connect=5.0)

        async def call_aiohttp(body: bytes) -> bytes:
            async with session.post(
                url, data=body, headers=OWN_HEADERS, timeout=timeout, allow_redirects=False
            ) as response:
                return await response.read()

        await serve(call_aiohttp)


@contextmanager
def process(*arguments: str) -> Iterator[tuple[int, int]]:
    """A server in a process of its own: its process id and port."""
    command = [sys.executable, "-m", "tests.bench.http_client", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield child.pid, int(child.stdout.readline())
        finally:
            child.kill()


async def load(port: int, requests: int) -> None:
    """Send requests over `CONNECTIONS` connections, one at a time on each."""
    client = Http1Client(
        parse_target(f"http://127.0.0.1:{port}/"),
        TransportSettings(connections_max=CONNECTIONS),
        OWN_HEADERS,
    )

    async def send(count: int) -> None:
        for _ in range(count):
            answer = await client.post(
                OPERATION, {}, timeout_seconds=TIMEOUT_SECONDS, is_safe_to_repeat=True
            )
            if answer != (200, ANSWER):
                raise SystemExit(f"a wrong answer: {answer}")

    await asyncio.gather(*(send(requests // CONNECTIONS) for _ in range(CONNECTIONS)))
    await client.close()


def main() -> None:
    """Measure every client and print a table."""
    spent: dict[str, list[float]] = {client: [] for client in CLIENTS}
    with process("upstream") as (_, port):
        url = f"http://127.0.0.1:{port}/graphql"
        for _ in range(ROUNDS):
            for client in CLIENTS:
                with process("proxy", client, url) as (pid, proxy_port):
                    uvloop.run(load(proxy_port, WARM_UP_REQUESTS))
                    before = cpu_seconds(pid)
                    uvloop.run(load(proxy_port, REQUESTS))
                    spent[client].append((cpu_seconds(pid) - before) / REQUESTS * 1000)
    base = statistics.median(spent["none"])
    print(
        f"CPU ms per request of the proxy, median of {ROUNDS} rounds of {REQUESTS} requests "
        f"on {CONNECTIONS} connections, {os.cpu_count()} cores"
    )
    for client in CLIENTS:
        median = statistics.median(spent[client])
        print(
            f"{client:8} {median:6.4f} ({min(spent[client]):.4f} to {max(spent[client]):.4f})"
            f"   of it the call {median - base:6.4f}"
        )
    ours, theirs = statistics.median(spent["http1"]), statistics.median(spent["aiohttp"])
    print(
        f"http1/aiohttp: {ours / theirs:.2f} of a proxied request, "
        f"{(ours - base) / (theirs - base):.2f} of the call"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", nargs="?", choices=["upstream", "proxy"])
    parser.add_argument("client", nargs="?", choices=CLIENTS)
    parser.add_argument("url", nargs="?", default="")
    options = parser.parse_args()
    if options.role == "upstream":
        uvloop.run(serve(answer_at_once))
    elif options.role == "proxy":
        uvloop.run(proxy(options.client, options.url))
    else:
        main()
