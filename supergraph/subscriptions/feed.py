"""One source of events and the clients that watch it."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeAlias

from supergraph.subscriptions.buffer import Buffer
from supergraph.subscriptions.events import Ended, Published

__all__ = ["Feed", "Source"]

#: How long a source and the one that replaces it run side by side.
OVERLAP_SECONDS = 5.0

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
        self._failed = failed
        self._buffers: set[Buffer] = set()
        self._changed = asyncio.Event()
        self._latest: Published | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._replacing = asyncio.Lock()
        self.is_over = False
        self._task = self._open(source, None)
        # The one whose events count while a source and its replacement run side by side.
        self._teller: asyncio.Task[None] | None = self._task

    def __repr__(self) -> str:
        return f"<Feed, {len(self._buffers)} clients>"

    def add(self, buffer: Buffer) -> None:
        """Let a client watch from now on."""
        self._buffers.add(buffer)
        self._changed.set()
        if self._latest is not None:
            buffer.put(self._latest)

    def remove(self, buffer: Buffer) -> bool:
        """Forget a client; true when nobody is left, and the feed has to be closed."""
        self._buffers.discard(buffer)
        self._changed.set()
        return not self._buffers

    def has_room(self) -> None:
        """Say that a client has read something."""
        self._changed.set()

    def beat(self) -> None:
        """Let every client write a sign of life."""
        for buffer in self._buffers:
            buffer.beat()

    async def replace(self, source: Source) -> None:
        """Go on with another source, without a gap between the two.

        The one used so far is closed when the other has its first event, or after
        `OVERLAP_SECONDS` without; returns then. An event that both tell is told once. A further
        replacement waits until then.
        """
        async with self._replacing:
            if self.is_over:
                return
            replaced = asyncio.get_running_loop().create_future()
            task = self._open(source, replaced)
            previous, self._task = self._task, task
            try:
                await asyncio.wait(
                    (replaced, task), timeout=OVERLAP_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                self._close(previous)
                replaced.cancel()
                self._teller = task

    def end(self, ended: Ended) -> None:
        """End it for everybody; the source is closed by `close`."""
        self.is_over = True
        for buffer in self._buffers:
            buffer.end(ended)

    async def close(self) -> None:
        """Close the source, and return once it is closed."""
        self.is_over = True
        self._close(self._task)
        if self._closing:
            await asyncio.wait(tuple(self._closing))

    def _open(self, source: Source, replaced: asyncio.Future[None] | None) -> asyncio.Task[None]:
        # The feed outlives the request that began it, and so must not log under its name.
        return asyncio.create_task(self._run(source, replaced), context=contextvars.Context())

    def _close(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _run(self, source: Source, replaced: asyncio.Future[None] | None) -> None:
        task = asyncio.current_task()
        try:
            async with aclosing(source()) as events:
                async for event in events:
                    if replaced is not None and not replaced.done():
                        replaced.set_result(None)
                        self._teller = task
                        if self._latest is not None and event.payload == self._latest.payload:
                            continue
                    if self._teller is not task:
                        return
                    await self._tell(event)
        except Exception as error:  # noqa: BLE001 # the boundary of what a source may do wrong
            ended = self._failed(error)
        else:
            ended = Ended()
        if task is self._task:  # a source that was replaced may end as it likes
            self.end(ended)

    async def _tell(self, event: Published) -> None:
        await self._room_for_the_only_one()
        self._latest = event
        for buffer in self._buffers:
            buffer.put(event)

    async def _room_for_the_only_one(self) -> None:
        while len(self._buffers) == 1 and next(iter(self._buffers)).is_full:
            self._changed.clear()
            await self._changed.wait()
