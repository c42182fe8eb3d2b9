"""A gateway behind its HTTP server in the loop of a test, which can count all of its tasks."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import uvicorn

from supergraph.server.gateway import Gateway
from supergraph.server.listen import bind, uvicorn_config

__all__ = ["TIME_LIMIT", "served_in_loop", "until"]

TIME_LIMIT = 10.0


@asynccontextmanager
async def served_in_loop(
    gateway: Gateway, listener: socket.socket | None = None
) -> AsyncGenerator[tuple[uvicorn.Server, int]]:
    """The server, which leaves at the end, and its port."""
    listener = listener or bind("127.0.0.1", 0, 100)
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn_config(gateway, gateway.config))
    serving = asyncio.create_task(server.serve([listener]))
    await until(lambda: server.started)
    try:
        yield server, port
    finally:
        server.should_exit = True
        await serving


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for what has no event of its own, such as the end of many tasks."""
    async with asyncio.timeout(TIME_LIMIT):
        while not is_true():  # noqa: ASYNC110 # that is what it is for
            await asyncio.sleep(0.005)
