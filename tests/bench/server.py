"""What one request costs between the socket and the executor, beside a bare ASGI app.

All run in this process behind the server's protocol with the settings of `supergraph serve`;
transports are fakes that hold no socket, and the one subgraph is a function. Figures are CPU time,
and only their ratio means something: `python -m tests.bench.server [--profile]`.
"""

import argparse
import asyncio
import contextlib
import cProfile
import gc
import io
import os
import pstats
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvloop
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from supergraph.config.gateway import GatewayConfig
from supergraph.server.gateway import Gateway
from supergraph.server.listen import uvicorn_config
from supergraph.telemetry.logs import configure_logs
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.server.shop import SUPERGRAPH

CONNECTIONS = 50
REQUESTS = 1_000
ROUNDS = 25

BODY = b'{"query":"{ products(first: 5) { id name } }"}'
REQUEST = (
    b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:4000\r\nconnection: keep-alive\r\n"
    b"content-type: application/json\r\naccept: application/json\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(BODY), BODY)
)


def main() -> None:
    """Measure both apps in turns and print their medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true", help="print where the time goes instead")
    with uvloop_runner() as runner, quiet_standard_error():
        if parser.parse_args().profile:
            print(runner.run(profile()))
        else:
            print(runner.run(compare()))


async def compare() -> str:
    """The figures as text."""
    async with a_gateway() as gateway:
        settle()
        apps: dict[str, Callable[[], Awaitable[float]]] = {
            "bare app on uvicorn's own protocol": partial(measured, bare_app, http="httptools"),
            "bare app": partial(measured, bare_app),
            "gateway": partial(measured, gateway),
        }
        costs: dict[str, list[float]] = {name: [] for name in apps}
        for _ in range(ROUNDS):  # in turns, so that all meet the same machine
            for name, measure in apps.items():
                costs[name].append(await measure())
    # The least, since other programs can only add to it.
    least = {name: min(values) for name, values in costs.items()}
    reference = next(iter(least.values()))
    lines = [f"CPU per request over {CONNECTIONS} connections, least of {ROUNDS} rounds"]
    lines += [
        f"{name:36}{value * 1e6:7.1f} µs{value / reference:7.2f}" for name, value in least.items()
    ]
    return "\n".join(lines)


async def profile() -> str:
    """The functions of the gateway by their own time."""
    async with a_gateway() as gateway:
        settle()
        await measured(gateway)
        profiler = cProfile.Profile()
        profiler.enable()
        await measured(gateway)
        profiler.disable()
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).sort_stats("tottime").print_stats(60)
    return text.getvalue()


def settle() -> None:
    """What `supergraph serve` does at the end of its start, see `settled_heap`."""
    gc.collect()
    gc.freeze()


async def measured(app: Any, requests: int = REQUESTS, **settings: Any) -> float:
    """CPU seconds of one request, through the server's protocol."""
    config = uvicorn_config(app, GatewayConfig())
    for name, value in settings.items():
        setattr(config, name, value)
    config.load()
    client = Client(requests, asyncio.get_running_loop().create_future())
    connections = [Connection(config, ServerState(), client) for _ in range(CONNECTIONS)]
    begun = time.process_time()
    for connection in connections:
        connection.ask()
    await client.ended
    return (time.process_time() - begun) / requests


@dataclass(slots=True)
class Client:
    """How many requests are still to be sent over all connections, and the end of the last."""

    left: int
    ended: asyncio.Future[None]


class Connection(asyncio.Transport):
    """A client that sends the next request when the answer to the last one is there."""

    def __init__(self, config: Any, state: ServerState, client: Client) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 4_000)})
        self._loop = asyncio.get_running_loop()
        self._client = client
        self._protocol = config.http_protocol_class(
            config=config, server_state=state, app_state={}, _loop=self._loop
        )
        self._answer = b""
        self._protocol.connection_made(self)

    def ask(self) -> None:
        """Send a request, or leave when enough were sent."""
        self._client.left -= 1
        if self._client.left >= 0:
            self._protocol.data_received(REQUEST)
            return
        self._protocol.connection_lost(None)
        if self._client.left == -CONNECTIONS:
            self._client.ended.set_result(None)

    def write(self, data: Any) -> None:
        """Take a part of the answer."""
        self._answer += data
        if self._answer.endswith(b"}"):
            if not self._answer.startswith(b"HTTP/1.1 200 "):
                sys.exit(f"unexpected answer: {self._answer!r}")
            self._answer = b""
            self._loop.call_soon(self.ask)

    def is_closing(self) -> bool:
        """It closes by itself only."""
        return False

    def close(self) -> None:
        """Nothing is open."""


async def bare_app(scope: Scope, receive: Receive, send: Send) -> None:
    """The least an ASGI app can do: read the body, send an answer of the gateway's length."""
    message = await receive()
    while message.get("more_body"):
        message = await receive()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


class Products:
    """The one subgraph that is asked."""

    async def start(self) -> None:
        """There is nothing to open."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        """Five products."""
        products = [
            {"__typename": "Product", "id": str(number), "name": f"Product {number}"}
            for number in range(5)
        ]
        return SubgraphReply({"products": products})

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """The shop has no subscriptions."""
        raise NotImplementedError
        yield SubgraphReply(None)

    async def close(self) -> None:
        """There is nothing to close."""


ANSWER = b'{"data":{"products":[%s]}}' % b",".join(
    b'{"id":"%d","name":"Product %d"}' % (number, number) for number in range(5)
)


@contextlib.asynccontextmanager
async def a_gateway() -> AsyncGenerator[Gateway]:
    """A started gateway with the settings of production, its access log included."""
    config = GatewayConfig()
    configure_logs(config.logs)
    async with Gateway(SUPERGRAPH, {"products": Products(), "reviews": Products()}, config) as app:
        yield app


@contextlib.contextmanager
def quiet_standard_error() -> Iterator[None]:
    """The log goes where it costs a write but fills no screen."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def uvloop_runner() -> asyncio.Runner:
    """The loop that `supergraph serve` uses."""
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


if __name__ == "__main__":
    main()
