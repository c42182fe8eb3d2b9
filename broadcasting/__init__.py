"""Publish and subscribe for asyncio: in memory, or through Redis in a way that survives Redis.

The interface is that of the `broadcaster` library, with channels that keep what was sent. README.md
says what is promised. Gateway and services both use this package; it knows neither of them.
"""

from broadcasting.broadcast import Broadcast, open_broadcast
from broadcasting.events import (
    BroadcastUnavailableError,
    CaughtUp,
    Event,
    Gap,
    Kept,
    NotAStreamError,
)
from broadcasting.follower import Follower, WhenFull
from broadcasting.history import HistoryLimits
from broadcasting.subscriber import Subscriber

__all__ = [
    "Broadcast",
    "BroadcastUnavailableError",
    "CaughtUp",
    "Event",
    "Follower",
    "Gap",
    "HistoryLimits",
    "Kept",
    "NotAStreamError",
    "Subscriber",
    "WhenFull",
    "open_broadcast",
]
