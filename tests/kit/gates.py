"""A subgraph that answers when the test says so: the order of events without a clock."""

import asyncio
from collections.abc import AsyncGenerator

from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.kit.check_execution import GraphSubgraph

__all__ = ["Gated"]

TIME_LIMIT = 10.0


class Gated:
    """Holds each request until it is let through.

    `cancelled` counts those that the gateway gave up before.
    """

    def __init__(self, subgraph: GraphSubgraph) -> None:
        self._subgraph = subgraph
        self._arrivals: asyncio.Queue[asyncio.Event] = asyncio.Queue()
        self.cancelled = 0

    async def arrival(self) -> asyncio.Event:
        """The next request; setting the event lets it through."""
        async with asyncio.timeout(TIME_LIMIT):
            return await self._arrivals.get()

    @property
    def waiting(self) -> int:
        """Requests that nobody has looked at."""
        return self._arrivals.qsize()

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        gate = asyncio.Event()
        self._arrivals.put_nowait(gate)
        try:
            await gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return await self._subgraph.execute(request)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        async for reply in self._subgraph.subscribe(request):
            yield reply
