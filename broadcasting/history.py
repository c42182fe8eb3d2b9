"""Channels that keep what was sent: what backends promise to the followers of a channel.

Theory of operation. Every channel that somebody follows live has one `LiveChannel`: the place up
to which its followers have been told, and these followers. A backend only ever moves that place
forwards, event by event, so a follower that joins knows exactly where its live events begin:
behind the place it was answered when it joined. What lies between that and the last event it has,
it reads as history. Neither joining nor delivering yields to the loop, so nothing comes between.
"""

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from broadcasting.events import EventId, Kept

__all__ = [
    "EMPTY",
    "EVENTS_MAX_LEAST",
    "PAGE_EVENTS",
    "History",
    "HistoryLimits",
    "LiveChannel",
    "LiveReader",
]

#: Events kept per channel; the oldest go. Redis trims in whole blocks, so it may be some more.
HISTORY_EVENTS_MAX = 1_000
#: Fewer cannot be kept: readers of Redis tell from so many events that they may have lost some.
EVENTS_MAX_LEAST = 10
#: How long Redis keeps a channel after its last event.
HISTORY_SECONDS = 24 * 60 * 60
#: Channels kept in the memory of a process; the one that was used least recently goes.
HISTORY_CHANNELS_MAX = 1_000
#: Events that a reader may be behind; beyond it gets a gap instead of them.
CATCH_UP_EVENTS_MAX = 10_000
#: Events read at once when catching up.
PAGE_EVENTS = 200
#: Before the first event of any channel.
EMPTY = EventId(0, 0)


@dataclass(frozen=True, slots=True)
class HistoryLimits:
    """How much is kept of what this process appends, and how much it reads at most."""

    events_max: int = HISTORY_EVENTS_MAX
    seconds: int = HISTORY_SECONDS
    channels_max: int = HISTORY_CHANNELS_MAX
    catch_up_events_max: int = CATCH_UP_EVENTS_MAX

    def __post_init__(self) -> None:
        if self.events_max < EVENTS_MAX_LEAST:
            raise ValueError(f"events_max is at least {EVENTS_MAX_LEAST}")


class LiveReader(Protocol):
    """A follower as its channel sees it; no method waits."""

    def deliver(self, event: Kept, event_id: EventId) -> None:
        """Take the next event."""

    def lose(self, position: EventId) -> None:
        """Note that events may have been lost; those after the position follow."""

    def close(self) -> None:
        """Note that nothing will come any more."""


class LiveChannel:
    """A channel that is followed live."""

    __slots__ = ("name", "position", "readers")

    def __init__(self, name: str, position: EventId) -> None:
        self.name = name
        self.position = position
        self.readers: set[LiveReader] = set()

    def deliver(self, event: Kept, event_id: EventId) -> None:
        """Tell the next event; one that was told already is left out."""
        if event_id <= self.position:
            return
        self.position = event_id
        for reader in self.readers:
            reader.deliver(event, event_id)

    def lose(self, position: EventId) -> None:
        """Go on from another place, which may lie before the old one: the channel began anew."""
        self.position = position
        for reader in self.readers:
            reader.lose(position)

    def close(self) -> None:
        """End all followers."""
        for reader in self.readers:
            reader.close()


class History(abc.ABC):
    """A backend of `Broadcast` for channels that keep what was sent."""

    def __init__(self, limits: HistoryLimits | None = None) -> None:
        self.limits = limits or HistoryLimits()
        self._live: dict[str, LiveChannel] = {}

    def join(self, channel: str, reader: LiveReader, position: EventId) -> EventId:
        """Follow a channel live; answers behind which event the live ones begin.

        That is `position` for the first follower, and may be later for another. Joining again
        only answers.
        """
        live = self._live.get(channel)
        if live is None:
            live = LiveChannel(channel, position)
            self._live[channel] = live
            self._watch(live)
        live.readers.add(reader)
        return live.position

    def leave(self, channel: str, reader: LiveReader) -> None:
        """No longer follow a channel."""
        live = self._live.get(channel)
        if live is None:
            return
        live.readers.discard(reader)
        if not live.readers:
            del self._live[channel]
            self._unwatch(live)

    async def disconnect(self) -> None:
        """Deliver nothing any more, until somebody joins again."""
        self._live.clear()

    @abc.abstractmethod
    async def append(self, channel: str, message: str) -> str:
        """Keep a message and tell it; answers its id.

        Raises `BroadcastUnavailableError` when that is not known to have happened.
        """

    @abc.abstractmethod
    async def latest(self, channel: str) -> EventId:
        """The last event's id; `EMPTY` without any. Raises `BroadcastUnavailableError`."""

    @abc.abstractmethod
    async def page_after(self, channel: str, position: EventId) -> Sequence[Kept] | None:
        """The next `PAGE_EVENTS` at most; fewer than that are the last there are.

        None when events after the position may have been forgotten. Raises
        `BroadcastUnavailableError`.
        """

    @abc.abstractmethod
    def _watch(self, live: LiveChannel) -> None:
        """Deliver what comes after the channel's position."""

    @abc.abstractmethod
    def _unwatch(self, live: LiveChannel) -> None:
        """Deliver nothing any more."""
