"""What a reader gets: events, and what it must know between them.

Ids have the form of Redis Streams: "milliseconds-number", compared as numbers
(https://redis.io/docs/latest/develop/data-types/streams/#entry-ids).
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from broadcaster import Event

__all__ = [
    "BroadcastUnavailableError",
    "CaughtUp",
    "Event",
    "EventId",
    "Gap",
    "Kept",
    "NotAStreamError",
]

#: Both parts of an id are unsigned and of 64 bits; more digits need not be read as a number.
_ID = re.compile(r"([0-9]{1,20})-([0-9]{1,20})")
_PART_END = 2**64


class BroadcastUnavailableError(Exception):
    """Redis could not be reached, or did not answer, within the caller's bounded wait."""


class NotAStreamError(BroadcastUnavailableError):
    """The name of the channel belongs to something else in Redis; waiting will not help."""


class EventId(NamedTuple):
    """The place of an event among the events of its channel."""

    milliseconds: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "EventId | None":
        """Read an id, which may come from a client; None for a text that no event has."""
        match = _ID.fullmatch(text)
        if match is None:
            return None
        parsed = cls(int(match[1]), int(match[2]))
        return parsed if 0 < max(parsed) < _PART_END else None

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.number}"


@dataclass(frozen=True, slots=True)
class Kept:
    """An event of a channel that keeps what was sent."""

    channel: str
    message: str
    id: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages of the channel may have been lost before this point; what follows is live."""

    channel: str


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Everything missed has been read; what follows is live."""

    channel: str
