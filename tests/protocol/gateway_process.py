"""A gateway in a process of its own; its settings are the argument, as JSON.

Prints {"port"} once it listens. Every line on its standard input is answered with a line that
tells what the process holds; it ends when its standard input does.
"""

import asyncio
import gc
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from supergraph.config.gateway import ServerConfig, SubscriptionConfig
from supergraph.server.gateway import Gateway
from supergraph.server.listen import bind, uvicorn_config
from tests.server.ticking import Counters, ticking_gateway

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


async def serve(settings: dict[str, Any]) -> None:
    """Serve until nobody holds our standard input any more."""
    counters = Counters()
    gateway = ticking_gateway(
        counters,
        subscriptions=SubscriptionConfig(**settings.get("subscriptions", {})),
        server=ServerConfig(**settings.get("server", {})),
        **settings.get("websocket", {}),
    )
    listener = bind("127.0.0.1", 0, 1_000)
    server = uvicorn.Server(uvicorn_config(gateway, gateway.config))
    serving = asyncio.create_task(server.serve([listener]))
    say(port=listener.getsockname()[1])
    async for _ in lines():
        say(**held(gateway, counters))
    server.should_exit = True
    await serving


def held(gateway: Gateway, counters: Counters) -> dict[str, Any]:
    """What the process holds, after all garbage is gone."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {
        "tasks": len(asyncio.all_tasks()),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "feeds": len(gateway.pipeline.hub.feeds),
        "watching": gateway.pipeline.hub.clients,
        "running": counters.running,
        "connections": repr(gateway._clients.websocket),
        "streams": repr(gateway._clients.streams),
        "blocks": sys.getallocatedblocks(),
        "memory_kb": pages * PAGE_BYTES // 1024,
    }


async def lines() -> AsyncIterator[bytes]:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    uvloop.run(serve(json.loads(sys.argv[1])))
