"""Publish and subscribe within one process."""

import asyncio
from typing import Any

from broadcaster import BroadcastBackend, Event

__all__ = ["MemoryBackend"]

#: Messages published and not yet handed to subscribers; a full queue makes publishers wait.
INBOX_EVENTS = 10_000


class MemoryBackend(BroadcastBackend):
    """The backend of `Broadcast` for one process; what nobody subscribes to is dropped."""

    def __init__(self) -> None:
        self._wanted: set[str] = set()
        self._inbox: asyncio.Queue[Event] = asyncio.Queue(INBOX_EVENTS)

    async def connect(self) -> None:
        """Nothing to connect to."""

    async def disconnect(self) -> None:
        """Nothing to disconnect from."""

    async def subscribe(self, channel: str) -> None:
        """Want a channel; never yields."""
        self._wanted.add(channel)

    async def unsubscribe(self, channel: str) -> None:
        """No longer want a channel; never yields."""
        self._wanted.discard(channel)

    async def publish(self, channel: str, message: Any) -> None:
        """Publish to those who are subscribed now."""
        if channel in self._wanted:
            await self._inbox.put(Event(channel, message))

    async def next_published(self) -> Event:
        """Wait for the next message."""
        return await self._inbox.get()
