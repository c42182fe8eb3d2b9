"""What a server made at its start is left alone by the cycle collector."""

import gc
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette

from supergraph.server.settled_heap import SettledHeap


@pytest.fixture(autouse=True)
def thawed() -> Generator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


async def start(app: Any) -> list[str]:
    """Go through the app's lifespan; what it said."""
    said: list[str] = []
    messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, Any]:
        return {"type": next(messages)}

    async def send(message: Any) -> None:
        said.append(message["type"])

    await app({"type": "lifespan", "state": {}}, receive, send)
    return said


async def test_the_heap_is_settled_when_the_app_has_started() -> None:
    frozen: list[int] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        frozen.append(gc.get_freeze_count())
        yield
        frozen.append(gc.get_freeze_count())

    said = await start(SettledHeap(Starlette(lifespan=lifespan)))

    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert frozen[0] < frozen[1]
    assert gc.get_threshold()[0] == 50_000
