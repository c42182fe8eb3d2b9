"""What one client has not read yet: bounded, with a policy for when it is full."""

import asyncio
from typing import Literal, TypeAlias

from supergraph.subscriptions.events import HEARTBEAT, Ended, Item, Published

__all__ = ["Buffer", "FullPolicy"]

#: What a client that reads too slowly loses: what it has not read but the latest event, the oldest
#: event, or the subscription.
FullPolicy: TypeAlias = Literal["latest", "drop_oldest", "close"]


class Buffer:
    """A queue from a feed to one client; the feed never waits for it.

    `latest` keeps one event only, which is right where an event tells the whole state. `overflow`
    is the end that `close` puts in place of everything that was not read.
    """

    __slots__ = ("_events_max", "_items", "_overflow", "_policy", "_reader", "is_ended")

    def __init__(self, events_max: int, policy: FullPolicy, overflow: Ended) -> None:
        self._events_max = 1 if policy == "latest" else events_max
        self._policy = policy
        self._overflow = overflow
        # No deque: an empty one takes 600 bytes, and of thousands of clients nearly all wait.
        self._items: list[Item] = []
        self._reader: asyncio.Future[None] | None = None
        self.is_ended = False

    def __repr__(self) -> str:
        return f"<Buffer {self._policy}, {len(self._items)} waiting>"

    @property
    def is_full(self) -> bool:
        """Whether the next event costs something; it takes the place of a heartbeat."""
        return len(self._items) >= self._events_max and self._items[0] is not HEARTBEAT

    def put(self, event: Published) -> None:
        """Add an event, by the policy when there is no room."""
        if self.is_ended:
            return
        items = self._items
        if len(items) >= self._events_max:
            if self._policy == "close" and items[0] is not HEARTBEAT:
                items.clear()
                self.end(self._overflow)
                return
            del items[0]
        items.append(event)
        self._wake()

    def end(self, ended: Ended) -> None:
        """Let the client read what is there, and then this; only the first end counts."""
        if not self.is_ended:
            self.is_ended = True
            self._items.append(ended)
            self._wake()

    def beat(self) -> None:
        """Let the client write a sign of life, unless it has something to write."""
        if not self._items and not self.is_ended:
            self._items.append(HEARTBEAT)
            self._wake()

    async def get(self) -> Item:
        """The next item; one reader at a time. After `Ended` there is none."""
        while not self._items:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._items.pop(0)

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
