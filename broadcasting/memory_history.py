"""Channels that keep what was sent in the memory of one process."""

import itertools
import time
from collections import OrderedDict, deque
from collections.abc import Sequence

from broadcasting.events import EventId, Kept
from broadcasting.history import PAGE_EVENTS, History, HistoryLimits, LiveChannel

__all__ = ["MemoryHistory"]


class _Channel:
    __slots__ = ("events", "forgotten")

    def __init__(self, forgotten: EventId) -> None:
        self.events: deque[tuple[EventId, Kept]] = deque()
        #: No event with a later id was forgotten.
        self.forgotten = forgotten


class MemoryHistory(History):
    """Keeps the latest events of the channels that were used latest."""

    def __init__(self, limits: HistoryLimits | None = None) -> None:
        super().__init__(limits)
        self._channels: OrderedDict[str, _Channel] = OrderedDict()
        self._last_id = EventId(_milliseconds(), 0)
        # Ids from before this process are forgotten, whoever brings them.
        self._forgotten = self._last_id

    async def append(self, channel: str, message: str) -> str:
        """Keep a message and tell it; the oldest goes when there are too many."""
        event_id = self._next_id()
        event = Kept(channel, message, str(event_id))
        kept = self._channels.get(channel)
        if kept is None:
            kept = _Channel(self._forgotten)
            self._channels[channel] = kept
        self._channels.move_to_end(channel)
        kept.events.append((event_id, event))
        if len(kept.events) > self.limits.events_max:
            kept.forgotten = kept.events.popleft()[0]
        if len(self._channels) > self.limits.channels_max:
            _, evicted = self._channels.popitem(last=False)
            self._forgotten = max(self._forgotten, evicted.events[-1][0])
        live = self._live.get(channel)
        if live is not None:
            live.deliver(event, event_id)
        return event.id

    async def latest(self, channel: str) -> EventId:
        """The last id of all: whatever is appended to this channel will be later."""
        return self._last_id

    async def page_after(self, channel: str, position: EventId) -> Sequence[Kept] | None:
        """The next events; None for a position that is forgotten, or none of ours."""
        kept = self._channels.get(channel)
        forgotten = self._forgotten if kept is None else kept.forgotten
        if not forgotten <= position <= self._last_id:
            return None
        if kept is None:
            return ()
        self._channels.move_to_end(channel)
        later = (event for event_id, event in kept.events if event_id > position)
        return tuple(itertools.islice(later, PAGE_EVENTS))

    def _watch(self, live: LiveChannel) -> None:
        # What was appended before is history.
        live.position = self._last_id

    def _unwatch(self, live: LiveChannel) -> None:
        pass

    def _next_id(self) -> EventId:
        milliseconds = _milliseconds()
        if milliseconds > self._last_id.milliseconds:
            self._last_id = EventId(milliseconds, 0)
        else:  # the same millisecond, or a clock that was set back
            self._last_id = EventId(self._last_id.milliseconds, self._last_id.number + 1)
        return self._last_id


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000
