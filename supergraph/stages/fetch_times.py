"""How long each fetch of an operation took, for a client that looks at its plan."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from supergraph.names import SubgraphName
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest, SubgraphTransport

__all__ = ["FetchTimes"]

#: Fetches that are told of one operation or event; a plan has tens.
FETCHES_MAX = 1_000


class FetchTimes:
    """Notes the fetches that go by way of `transports`, for one operation or event at a time."""

    def __init__(self, transports: Mapping[SubgraphName, SubgraphTransport]) -> None:
        self.transports: dict[SubgraphName, SubgraphTransport] = {
            name: _Timed(name, transport, self) for name, transport in transports.items()
        }
        self._began = time.perf_counter()
        self._fetches: list[dict[str, Any]] = []

    def begin(self) -> None:
        """Start anew, for the next event."""
        self._began = time.perf_counter()
        self._fetches = []

    def note(self, name: SubgraphName, request: SubgraphRequest, started: float) -> None:
        """Note a fetch that has just ended."""
        if len(self._fetches) < FETCHES_MAX:
            now = time.perf_counter()
            self._fetches.append(
                {
                    "serviceName": name,
                    "operation": request.query,
                    "startMs": _milliseconds(started - self._began),
                    "durationMs": _milliseconds(now - started),
                }
            )

    def extensions(self) -> dict[str, Any]:
        """What the response's `extensions` hold: `operation` is that of the plan's fetch."""
        return {"fetches": self._fetches}


class _Timed:
    """A transport with a watch."""

    def __init__(self, name: SubgraphName, transport: SubgraphTransport, times: FetchTimes) -> None:
        self._name = name
        self._transport = transport
        self._times = times

    async def start(self) -> None:
        """The transport is started by whoever owns it."""

    async def close(self) -> None:
        """The transport is closed by whoever owns it."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        started = time.perf_counter()
        try:
            return await self._transport.execute(request)
        finally:
            self._times.note(self._name, request, started)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        async with aclosing(self._transport.subscribe(request)) as replies:
            async for reply in replies:
                self._times.begin()
                yield reply


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1_000, 3)
