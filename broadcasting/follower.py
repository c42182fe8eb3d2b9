"""A reader of a channel that keeps what was sent.

A follower is *behind* while it reads history, page by page as its consumer asks, and then *live*
with a bounded queue. Between the two it joins the channel's live events and reads what lies
between its last page and the place where these begin; they wait in the queue meanwhile. It has no
task of its own: whoever waits in `get` does the work.
"""

import asyncio
import contextlib
import enum
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable

from broadcasting.events import (
    BroadcastUnavailableError,
    CaughtUp,
    EventId,
    Gap,
    Kept,
    NotAStreamError,
)
from broadcasting.history import EMPTY, PAGE_EVENTS, History

__all__ = ["Follower", "WhenFull"]

RETRY_SECONDS_MIN = 0.05
RETRY_SECONDS_MAX = 2.0


class WhenFull(enum.Enum):
    """What a follower does when its consumer is so slow that the queue is full."""

    DROP_OLDEST = enum.auto()
    """The oldest events go, and a `Gap` stands in their place."""
    READ_AGAIN = enum.auto()
    """The queue goes, and the events are read from history when the consumer gets there. Only
    what is no longer kept then is a `Gap`."""


class _Phase(enum.Enum):
    LOST = enum.auto()  # The next step is to go live wherever the channel is, and show a gap.
    BEHIND = enum.auto()
    LIVE = enum.auto()


class Follower:
    """Yields `Kept`, `Gap` and `CaughtUp` of one channel; made by `Broadcast.follow`."""

    def __init__(
        self, history: History, channel: str, *, queue_events_max: int, when_full: WhenFull
    ) -> None:
        self.channel = channel
        self._history = history
        self._events_max = queue_events_max
        self._when_full = when_full
        self._phase = _Phase.LOST
        # Items, and the places behind which events go on when they were handed out.
        self._page: deque[tuple[Kept | CaughtUp, EventId]] = deque()
        self._queue: deque[tuple[Kept | Gap, EventId]] = deque()
        self._position = EMPTY
        self._has_gap = False
        # Live events up to here are known from history.
        self._known = EMPTY
        self._behind_events = 0
        # While joining: where the live events begin.
        self._live_after: EventId | None = None
        self._takes_live = False
        self._is_closed = False
        self._arrived = asyncio.Event()

    async def __aiter__(self) -> AsyncGenerator[Kept | Gap | CaughtUp, None]:
        while True:
            item = await self.get()
            if item is None:
                return
            yield item

    async def start(self, after: str | None, timeout_seconds: float) -> None:
        """Begin after an event, or from now on.

        When Redis cannot say in time what "now" is, a `Gap` comes first.
        """
        if after is None:
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._go_live()
            except (BroadcastUnavailableError, TimeoutError):
                self._fall_behind(is_lost=True)
        else:
            position = EMPTY if after == str(EMPTY) else EventId.parse(after)
            self._position = position or EMPTY
            self._fall_behind(is_lost=position is None)

    @property
    def position(self) -> str:
        """The id after which the events begin that are still to come.

        Of a stream without events it is "0-0", which may be followed after like any other.
        """
        return str(self._position)

    async def get(self) -> Kept | Gap | CaughtUp | None:
        """Wait for the next item; None once the broadcast is closed.

        While Redis is down it waits. Cancelled, it loses nothing. Raises `NotAStreamError`.
        """
        while True:
            if self._page:
                read, self._position = self._page.popleft()
                return read
            if self._phase is _Phase.LIVE:
                if self._has_gap:
                    self._has_gap = False
                    return Gap(self.channel)
                if self._queue:
                    item, self._position = self._queue.popleft()
                    return item
                if self._is_closed:
                    return None
                self._arrived.clear()
                await self._arrived.wait()
            elif self._is_closed:
                return None
            else:
                step = self._read_page if self._phase is _Phase.BEHIND else self._go_live
                await self._until_reached(step)

    def deliver(self, event: Kept, event_id: EventId) -> None:
        """Queue a live event, by the policy when the queue is full."""
        if self._takes_live and event_id > self._known:
            self._enqueue(event, event_id)

    def lose(self, position: EventId) -> None:
        """Show a gap behind what is queued; the events after the position follow."""
        if self._takes_live:
            # Ids may begin anew: what was known of the old ones holds no longer.
            self._known = EMPTY
            self._enqueue(Gap(self.channel), position)

    def close(self) -> None:
        """End the iteration after what is queued."""
        self._is_closed = True
        self._arrived.set()

    def leave(self) -> None:
        """Follow no longer."""
        self.close()
        self._history.leave(self.channel, self)

    def _enqueue(self, item: Kept | Gap, position: EventId) -> None:
        self._queue.append((item, position))
        self._arrived.set()
        if len(self._queue) <= self._events_max:
            return
        if self._when_full is WhenFull.DROP_OLDEST:
            self._queue.popleft()
            self._has_gap = True
        else:
            # Behind a gap that is still to be shown nobody knows where to read on.
            self._fall_behind(is_lost=any(isinstance(queued, Gap) for queued, _ in self._queue))

    def _fall_behind(self, *, is_lost: bool) -> None:
        """Read history where the page ends, unless nobody knows that place any more."""
        self._phase = _Phase.LOST if is_lost else _Phase.BEHIND
        self._queue.clear()
        self._has_gap = is_lost
        self._takes_live = False
        self._live_after = None
        self._behind_events = 0

    async def _go_live(self) -> None:
        position = await self._history.latest(self.channel)
        if self._is_closed:
            return  # Who has left does not join.
        self._history.join(self.channel, self, position)
        self._phase = _Phase.LIVE
        self._position = position
        self._known = position
        self._takes_live = True

    async def _read_page(self) -> None:
        position = self._position
        events = await self._history.page_after(self.channel, position)
        if self._is_closed:
            return  # Who has left does not join.
        self._behind_events += len(events or ())
        if events is None or self._behind_events > self._history.limits.catch_up_events_max:
            self._fall_behind(is_lost=True)
            return
        is_last_page = len(events) < PAGE_EVENTS
        for event in events:
            event_id = EventId.parse(event.id) or position
            if self._live_after is not None and event_id > self._live_after:
                is_last_page = True  # The rest waits in the queue.
                break
            position = event_id
            self._page.append((event, position))
        if is_last_page and (self._live_after is not None or self._join(position)):
            self._live_after = None
            self._phase = _Phase.LIVE
            self._page.append((CaughtUp(self.channel), position))

    def _join(self, position: EventId) -> bool:
        """Take live events from now on; false when there is still history before them."""
        self._live_after = self._history.join(self.channel, self, position)
        self._known = position
        self._takes_live = True
        return self._live_after <= position

    async def _until_reached(self, step: Callable[[], Awaitable[None]]) -> None:
        pause = RETRY_SECONDS_MIN
        while not self._is_closed:
            self._arrived.clear()
            try:
                await step()
            except NotAStreamError:
                raise
            except BroadcastUnavailableError:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._arrived.wait()
                pause = min(pause * 2, RETRY_SECONDS_MAX)
            else:
                return
