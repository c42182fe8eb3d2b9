"""What is left after a thousand requests that end in every way: nothing."""

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import uvloop

from supergraph.traffic.http1.client import Http1Client
from supergraph.traffic.http1.errors import Http1Error
from tests.traffic.http1.wire_server import Request, answer_bytes, client_for, post, wire_server

REQUESTS = 1_000
CALLERS = 25
CONNECTIONS_MAX = 8
NewLoop = Callable[[], asyncio.AbstractEventLoop]


class Trouble:
    """Answers with the request's body, or does something else by the seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    async def __call__(self, request: Request) -> None:
        answer = answer_bytes(request.body)
        match self.random.randrange(12):
            case 0:
                request.writer.close()
            case 1:
                request.writer.write(answer[: self.random.randrange(len(answer))])
                request.writer.close()
            case 2:
                request.writer.write(answer_bytes(request.body, "connection: close"))
                request.writer.close()
            case 3:
                request.writer.write(answer)
                request.writer.close()
            case 4:
                request.writer.write(b"\0garbage")
            case 5:
                request.writer.write(answer + b"HTTP/1.1 200 OK\r\n")
            case 6:
                await asyncio.Event().wait()
            case _:
                cut = self.random.randrange(len(answer))
                request.writer.write(answer[:cut])
                for _ in range(self.random.randrange(4)):
                    await asyncio.sleep(0)
                request.writer.write(answer[cut:])


async def call(client: Http1Client, random: Random, number: int) -> str:
    """One request that may be given up after a few turns of the loop; how it ended."""
    body = b"%d" % number
    repeats = random.random() < 0.5
    request = asyncio.create_task(
        post(client, body, seconds=0.2, repeats=repeats, shares=random.random() < 0.8)
    )
    if random.random() < 0.3:
        for _ in range(random.randrange(12)):
            await asyncio.sleep(0)
        request.cancel()
    await asyncio.wait([request])
    if request.cancelled():
        return "cancelled"
    error = request.exception()
    if error is None:
        assert request.result() == (200, body)
        return "answered"
    assert isinstance(error, Http1Error | TimeoutError | OSError)
    return type(error).__name__


async def run(seed: int) -> set[str]:
    """The ways in which requests ended, once all is checked."""
    loop = asyncio.get_running_loop()
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    random = Random(seed)
    numbers = iter(range(REQUESTS))
    before = open_sockets()
    async with wire_server(Trouble(seed)) as server:
        async with client_for(server.address, connections_max=CONNECTIONS_MAX) as client:

            async def caller() -> set[str]:
                # Few different ones, so that many share an exchange.
                return {await call(client, random, number // 6) for number in numbers}

            ends = set().union(*await asyncio.gather(*(caller() for _ in range(CALLERS))))
            slots, opened, idle, waiting = pool_counts(client)
            assert waiting == 0
            assert idle == slots <= CONNECTIONS_MAX
            assert opened <= CONNECTIONS_MAX
        assert pool_counts(client)[1] == 0
        assert "flights=0 carried=0" in repr(client._in_flight)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    if not isinstance(loop, uvloop.Loop):
        timers = [handle for handle in loop._scheduled if not handle.cancelled()]
        assert timers == []
    gc.collect()
    await asyncio.sleep(0)
    assert complaints == []
    assert open_sockets() <= before
    return ends


def open_sockets() -> int:
    names = [str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    return sum(name.startswith("socket:") for name in names)


def pool_counts(client: Http1Client) -> list[int]:
    """Slots, open, idle and waiting, as the pool shows them."""
    words = repr(client).rstrip(">").split(" ")[2:]
    return [int(word.partition("=")[2]) for word in words]


@pytest.mark.parametrize(
    "new_loop",
    [
        pytest.param(asyncio.SelectorEventLoop, id="asyncio"),
        pytest.param(uvloop.new_event_loop, id="uvloop"),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_left_of_requests_that_end_in_every_way(new_loop: NewLoop, seed: int) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        ends = runner.run(run(seed))
    assert ends >= {
        "answered",
        "cancelled",
        "ClosedEarlyError",
        "NotHttpError",
        "StaleConnectionError",
        "TimeoutError",
    }
