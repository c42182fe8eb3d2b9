"""A subgraph that tells the state of a file; it has no memory, so it may be killed at any time.

`python -m tests.faults.progress_subgraph PORT FILE` serves it until the process ends. Every
subscription begins with the present state and ends with the last one, as those of real services do.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from strawberry.asgi import GraphQL

__all__ = ["DONE"]

#: The state after which nothing changes.
DONE = 100
POLL_SECONDS = 0.02
PROTOCOLS = ("graphql-transport-ws", "graphql-sse", "multipart-subscription")


class State:
    """What stands in the file, for all who watch it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._changed = asyncio.Condition()
        self.value = 0

    async def follow(self) -> None:
        """Read the file again and again."""
        while True:
            value = int(self._file.read_text() or self.value)
            if value != self.value:
                async with self._changed:
                    self.value = value
                    self._changed.notify_all()
            await asyncio.sleep(POLL_SECONDS)

    async def values(self) -> AsyncGenerator[int, None]:
        """The present value and what follows."""
        last = -1
        while last < DONE:
            async with self._changed:
                await self._changed.wait_for(lambda seen=last: self.value != seen)
            last = self.value
            yield last


state = State(Path(sys.argv[2] if len(sys.argv) > 2 else "nothing"))


@strawberry.type
class Query:
    hello: str = "hello"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def progress(self, task: int) -> AsyncGenerator[int, None]:
        async for value in state.values():
            yield value


@contextlib.asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    following = asyncio.create_task(state.follow())
    yield
    following.cancel()


schema = strawberry.Schema(Query, subscription=Subscription)
app = Starlette(
    routes=[
        Route("/health", lambda _: PlainTextResponse("here")),
        Mount("/graphql", GraphQL(schema, subscription_protocols=PROTOCOLS)),
    ],
    lifespan=lifespan,
)

if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        log_level="warning",
        ws="websockets-sansio",
        timeout_graceful_shutdown=1,
    )
