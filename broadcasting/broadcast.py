"""Publish and subscribe within one process, or through Redis between many.

`Broadcast` is the `broadcaster` library's class with two promises added: a subscriber's queue is
bounded and says what happens when it is full, and a subscriber learns of gaps. `Gap` means
"messages may have been lost here; read the present state again". It follows a reconnect, an
overflow, and a subscription that was not confirmed in time.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Self

import broadcaster
from broadcaster import BroadcastBackend, Event

from broadcasting.redis_backend import BroadcastUnavailableError, Confirmed, RedisBackend

__all__ = [
    "Broadcast",
    "BroadcastUnavailableError",
    "Event",
    "Gap",
    "Subscriber",
    "open_broadcast",
]

QUEUE_EVENTS_MAX = 1_000
#: How long `subscribe` waits for Redis before it goes on with a gap still to be reported.
CONFIRM_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages of the channel may have been lost before this point."""

    channel: str


class Subscriber:
    """One reader of one channel with a bounded queue.

    Without `conflate_by` a full queue drops its oldest messages and shows a `Gap` in their
    place. With it, only the latest message of each key is kept, in the order of first arrival;
    beyond the bound the oldest key is dropped, again with a `Gap`.
    """

    def __init__(
        self,
        channel: str,
        *,
        queue_events_max: int = QUEUE_EVENTS_MAX,
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

    def confirm(self) -> None:
        """Note that the channel is live; unless that was awaited, messages may be missing."""
        if self._awaits_first_confirmation:
            self._awaits_first_confirmation = False
        else:
            self._has_gap = True
            self._arrived.set()
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


class Broadcast(broadcaster.Broadcast):
    """`publish(channel, text)` and `async with subscribe(channel) as subscriber`.

    `publish` raises `BroadcastUnavailableError` after a bounded wait when Redis is down. At the
    start of a `subscribe` block the channel is live: what is published from then on arrives.
    """

    def __init__(
        self, backend: BroadcastBackend, *, confirm_seconds: float = CONFIRM_SECONDS
    ) -> None:
        super().__init__(backend=backend)
        self._confirm_seconds = confirm_seconds
        self._needs_confirmation = isinstance(backend, RedisBackend)
        self._readers: dict[str, set[Subscriber]] = {}
        self._live: set[str] = set()
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def connect(self) -> None:
        """Start listening; does not wait for Redis."""
        await self._backend.connect()
        self._listening = asyncio.create_task(self._listener(), name="broadcast")

    async def disconnect(self) -> None:
        """Stop listening and end every subscriber's iteration."""
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        for readers in self._readers.values():
            for reader in readers:
                reader.close()
        await self._backend.disconnect()

    @contextlib.asynccontextmanager
    async def subscribe(  # type: ignore[override]  # yields our own Subscriber
        self,
        channel: str,
        *,
        queue_events_max: int = QUEUE_EVENTS_MAX,
        conflate_by: Callable[[str], str] | None = None,
    ) -> AsyncIterator[Subscriber]:
        """Read a channel; see `Subscriber` for what a slow reader gets."""
        subscriber = Subscriber(channel, queue_events_max=queue_events_max, conflate_by=conflate_by)
        readers = self._readers.setdefault(channel, set())
        readers.add(subscriber)
        try:
            if len(readers) == 1:
                # Neither backend yields to the loop here, so no second reader can come between.
                await self._backend.subscribe(channel)
            if not self._needs_confirmation or channel in self._live:
                subscriber.confirm()
            await subscriber.wait_live(self._confirm_seconds)
            yield subscriber
        finally:
            readers.discard(subscriber)
            if not readers:
                del self._readers[channel]
                self._live.discard(channel)
                await self._backend.unsubscribe(channel)

    async def _listener(self) -> None:
        while True:
            event: Any = await self._backend.next_published()
            readers = self._readers.get(event.channel, ())
            if isinstance(event, Confirmed):
                if readers:
                    self._live.add(event.channel)
                for reader in readers:
                    reader.confirm()
            else:
                for reader in readers:
                    reader.deliver(event)


def open_broadcast(redis_url: str | None) -> Broadcast:
    """The broadcast of this process: through Redis, or in memory without a URL."""
    if redis_url is None:
        return Broadcast(_memory_backend())
    return Broadcast(RedisBackend(redis_url))


def _memory_backend() -> BroadcastBackend:
    # The library builds its own backend only inside its own class.
    backend: BroadcastBackend = broadcaster.Broadcast("memory://")._backend  # noqa: SLF001
    return backend
