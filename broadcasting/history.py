"""Channels that keep what was sent: events have ids, and a reader may go on after one.

In Redis these are Streams (https://redis.io/docs/latest/develop/data-types/streams/); in memory, a
bounded queue per channel.
"""

from dataclasses import dataclass

__all__ = ["CATCH_UP_EVENTS_MAX", "HISTORY_EVENTS_MAX", "Kept", "as_order"]

#: Events kept per channel; the oldest go. Redis trims in whole blocks, so it may be some more.
HISTORY_EVENTS_MAX = 1_000
#: Events that a reader may be behind; beyond it gets a gap instead of them.
CATCH_UP_EVENTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Kept:
    """An event with its id in the channel."""

    channel: str
    message: str
    id: str


def as_order(event_id: str) -> tuple[int, int]:
    """Ids compare as numbers ("milliseconds-number"); raises ValueError for any other text."""
    milliseconds, _, number = event_id.partition("-")
    return int(milliseconds), int(number or 0)
