"""Events from a `broadcasting.Broadcast`: Redis, or the memory of this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from broadcasting import (
    Broadcast,
    CaughtUp,
    Follower,
    Gap,
    Kept,
    NotAStreamError,
    Subscriber,
    WhenFull,
)
from supergraph.traffic.events.transport import EventReader, StreamEvent

__all__ = ["QUEUE_EVENTS_MAX", "BroadcastSource"]

#: Events of a durable channel that wait for a reader; beyond it they are read from the history.
QUEUE_EVENTS_MAX = 100


class BroadcastSource:
    """The `EventSource` of a gateway.

    Of a channel that keeps nothing, only the latest event waits for a reader that is slow: the
    message of an event stream tells the whole state. Of one that keeps what was sent, a reader
    gets every event, from the history when it is slow.
    """

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast

    @asynccontextmanager
    async def subscribe(
        self, channel: str, *, is_durable: bool, resume_after: str | None
    ) -> AsyncGenerator[EventReader]:
        """Read a channel from now on, or from the event after the one that was seen last."""
        if is_durable:
            async with self._broadcast.follow(
                channel,
                after=resume_after,
                queue_events_max=QUEUE_EVENTS_MAX,
                when_full=WhenFull.READ_AGAIN,
            ) as follower:
                yield _Reader(follower)
        else:
            async with self._broadcast.subscribe(channel, conflate_by=_as_one) as subscriber:
                yield _Reader(subscriber)


def _as_one(_: str) -> str:
    return ""


class _Reader:
    def __init__(self, items: Follower | Subscriber) -> None:
        self._items = items

    @property
    def position(self) -> str | None:
        """The id after which the events begin, where the channel keeps them."""
        return self._items.position if isinstance(self._items, Follower) else None

    async def get(self) -> StreamEvent | None:
        try:
            item = await self._items.get()
        except NotAStreamError:
            return None
        if item is None:
            return None
        if isinstance(item, Gap | CaughtUp):
            return StreamEvent(None)
        return StreamEvent(item.message, item.id if isinstance(item, Kept) else None)
