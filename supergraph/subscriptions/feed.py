"""One source of events and the clients that watch it."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeAlias

from supergraph.subscriptions.buffer import Buffer
from supergraph.subscriptions.events import Ended, Published

__all__ = ["Feed", "Source"]

#: Opens the source; closing the generator closes it. It reports failures as events, or raises
#: what only the gateway can be blamed for.
Source: TypeAlias = Callable[[], AsyncGenerator[Published, None]]


class Feed:
    """Runs while somebody watches; `failed` words what the source raises.

    Who comes later gets the latest event first: most streams tell a state, and one that is about to
    end tells it only once. A client that is alone makes the source wait when its buffer is full, so
    that the subgraph feels it. Several never wait for one another: each has its own policy.
    """

    def __init__(self, source: Source, failed: Callable[[Exception], Ended]) -> None:
        self._source = source
        self._failed = failed
        self._buffers: set[Buffer] = set()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._latest: Published | None = None
        self.is_over = False

    def __repr__(self) -> str:
        return f"<Feed, {len(self._buffers)} clients>"

    @property
    def buffers(self) -> frozenset[Buffer]:
        """Those who watch."""
        return frozenset(self._buffers)

    def add(self, buffer: Buffer) -> None:
        """Let a client watch from now on; the first one opens the source."""
        self._buffers.add(buffer)
        self._changed.set()
        if self._latest is not None:
            buffer.put(self._latest)
        if self._task is None:
            # The feed outlives the request that began it, and so must not log under its name.
            self._task = asyncio.create_task(self._run(), context=contextvars.Context())

    def remove(self, buffer: Buffer) -> bool:
        """Forget a client; true when nobody is left, and the feed has to be closed."""
        self._buffers.discard(buffer)
        self._changed.set()
        return not self._buffers

    def has_room(self) -> None:
        """Say that a client has read something."""
        self._changed.set()

    def end(self, ended: Ended) -> None:
        """End it for everybody; the source is closed by `close`."""
        self.is_over = True
        for buffer in self._buffers:
            buffer.end(ended)

    async def close(self) -> None:
        """Close the source, and return once it is closed."""
        self.is_over = True
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self) -> None:
        try:
            async with aclosing(self._source()) as events:
                async for event in events:
                    await self._room_for_the_only_one()
                    self._latest = event
                    for buffer in self._buffers:
                        buffer.put(event)
        except Exception as error:  # noqa: BLE001 # the boundary of what a source may do wrong
            self.end(self._failed(error))
        else:
            self.end(Ended())

    async def _room_for_the_only_one(self) -> None:
        while len(self._buffers) == 1 and next(iter(self._buffers)).is_full:
            self._changed.clear()
            await self._changed.wait()
