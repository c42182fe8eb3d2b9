"""Events from a `broadcasting.Broadcast`: Redis, or the memory of this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from broadcasting import Broadcast, Gap, Subscriber
from supergraph.traffic.events.transport import EventReader, StreamEvent

__all__ = ["BroadcastSource"]


class BroadcastSource:
    """The `EventSource` of a gateway.

    Of a channel that keeps nothing, only the latest event waits for a reader that is slow: the
    message of an event stream tells the whole state.
    """

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast

    @asynccontextmanager
    async def subscribe(
        self, channel: str, *, is_durable: bool, resume_after: str | None
    ) -> AsyncGenerator[EventReader]:
        """Read a channel from now on, or from the event after the one that was seen last."""
        async with self._broadcast.subscribe(channel, conflate_by=_as_one) as subscriber:
            yield _Reader(subscriber)


def _as_one(_: str) -> str:
    return ""


class _Reader:
    def __init__(self, subscriber: Subscriber) -> None:
        self._subscriber = subscriber

    async def get(self) -> StreamEvent | None:
        item = await self._subscriber.get()
        if item is None:
            return None
        return StreamEvent(None if isinstance(item, Gap) else item.message)
