"""Publish and subscribe for asyncio: in memory, or through Redis in a way that survives Redis.

The interface is that of the `broadcaster` library. Gateway and services both use this package; it
knows neither of them.
"""

from broadcasting.broadcast import (
    Broadcast,
    BroadcastUnavailableError,
    Event,
    Gap,
    Subscriber,
    open_broadcast,
)

__all__ = [
    "Broadcast",
    "BroadcastUnavailableError",
    "Event",
    "Gap",
    "Subscriber",
    "open_broadcast",
]
