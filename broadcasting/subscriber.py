"""A reader of a channel that keeps nothing: a bounded queue, and gaps where it lost something."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable

from broadcasting.events import Event, Gap

__all__ = ["Subscriber"]


class Subscriber:
    """Yields `Event` and `Gap` of one channel; made by `Broadcast.subscribe`.

    Without `conflate_by` a full queue drops its oldest messages and shows a `Gap` in their
    place. With it, only the latest message of each key is kept, in the order of first arrival;
    beyond the bound the oldest key is dropped, again with a `Gap`.
    """

    def __init__(
        self,
        channel: str,
        *,
        queue_events_max: int,
        conflate_by: Callable[[str], str] | None = None,
    ) -> None:
        self.channel = channel
        self._events_max = queue_events_max
        self._conflate_by = conflate_by
        self._events: OrderedDict[object, Event] = OrderedDict()
        self._has_gap = False
        self._awaits_first_confirmation = True
        self._is_closed = False
        self._arrived = asyncio.Event()
        self._live = asyncio.Event()

    async def __aiter__(self) -> AsyncGenerator[Event | Gap, None]:
        while True:
            item = await self.get()
            if item is None:
                return
            yield item

    async def get(self) -> Event | Gap | None:
        """Wait for the next event or gap; None once the broadcast is closed."""
        while True:
            if self._has_gap:
                self._has_gap = False
                return Gap(self.channel)
            if self._events:
                return self._events.popitem(last=False)[1]
            if self._is_closed:
                return None
            self._arrived.clear()
            await self._arrived.wait()

    def deliver(self, event: Event) -> None:
        """Queue an event, by the policy when the queue is full; never waits."""
        # Without conflation every event is a key of its own.
        key = object() if self._conflate_by is None else self._conflate_by(event.message)
        self._events[key] = event
        if len(self._events) > self._events_max:
            self._events.popitem(last=False)
            self._has_gap = True
        self._arrived.set()

    def lose(self) -> None:
        """Show a gap."""
        self._has_gap = True
        self._arrived.set()

    def confirm(self) -> None:
        """Note that the channel is live; unless that was awaited, messages may be missing."""
        if self._awaits_first_confirmation:
            self._awaits_first_confirmation = False
        else:
            self.lose()
        self._live.set()

    def close(self) -> None:
        """End the iteration after what is queued."""
        self._is_closed = True
        self._arrived.set()
        self._live.set()

    async def wait_live(self, timeout_seconds: float) -> None:
        """Wait until messages arrive for sure; when it takes too long a `Gap` will follow."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._live.wait()
        except TimeoutError:
            self._awaits_first_confirmation = False
