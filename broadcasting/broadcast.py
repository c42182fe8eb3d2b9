"""Publish and subscribe within one process, or through Redis between many.

`Broadcast` is the `broadcaster` library's class with three promises added: a reader's queue is
bounded and says what happens when it is full, a reader learns of gaps, and channels can keep what
was sent. `Gap` means "messages may have been lost here; read the present state again". It follows
an overflow, a subscription that was not confirmed in time, and a reconnect, after which a channel
that keeps what was sent has none.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, Self

import broadcaster
from broadcaster import BroadcastBackend

from broadcasting.events import Event
from broadcasting.follower import Follower, WhenFull
from broadcasting.history import History, HistoryLimits
from broadcasting.memory_backend import MemoryBackend
from broadcasting.memory_history import MemoryHistory
from broadcasting.redis_backend import Confirmed, RedisBackend
from broadcasting.redis_history import RedisHistory
from broadcasting.subscriber import Subscriber

__all__ = ["Broadcast", "open_broadcast"]

log = logging.getLogger(__name__)

QUEUE_EVENTS_MAX = 1_000
#: How long a reader waits for Redis at its start before it goes on with a gap still to be shown.
CONFIRM_SECONDS = 2.0


class Broadcast(broadcaster.Broadcast):
    """Two kinds of channels: those that keep nothing, and those that keep what was sent.

    `publish(channel, text)` reaches who is in `async with subscribe(channel) as subscriber` at
    that moment. `append(channel, text)` also reaches who comes back later, by
    `async with follow(channel, after=id) as follower`. The two kinds have nothing to do with each
    other, also where names are the same.

    Publishing and appending raise `BroadcastUnavailableError` after a bounded wait when Redis is
    down. A channel's name that UTF-8 does not have (lone surrogates) is a ValueError. At the start
    of a `subscribe` or `follow` block the channel is live: what is sent from then on arrives.
    """

    def __init__(
        self,
        backend: BroadcastBackend,
        history: History,
        *,
        confirm_seconds: float = CONFIRM_SECONDS,
    ) -> None:
        super().__init__(backend=backend)
        self._history = history
        self._confirm_seconds = confirm_seconds
        self._needs_confirmation = isinstance(backend, RedisBackend)
        self._readers: dict[str, set[Subscriber]] = {}
        self._live: set[str] = set()
        self._followers: set[Follower] = set()
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def connect(self) -> None:
        """Start listening; does not wait for Redis."""
        await self._backend.connect()
        self._listening = asyncio.create_task(self._listener(), name="broadcast")

    async def disconnect(self) -> None:
        """Stop listening and end every reader's iteration."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        for readers in self._readers.values():
            for reader in readers:
                reader.close()
        for follower in self._followers:
            follower.close()
        self._live.clear()
        await self._backend.disconnect()
        await self._history.disconnect()

    @contextlib.asynccontextmanager
    # The library's readers know neither gaps nor bounds: those we yield are no kind of them.
    async def subscribe(  # type: ignore[override]
        self,
        channel: str,
        *,
        queue_events_max: int = QUEUE_EVENTS_MAX,
        conflate_by: Callable[[str], str] | None = None,
    ) -> AsyncIterator[Subscriber]:
        """Read a channel; see `Subscriber` for what a slow reader gets."""
        _check_text(channel)
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

    async def append(self, channel: str, message: str) -> str:
        """Send a message and keep it for a while; answers its id.

        After `BroadcastUnavailableError` it may have been kept all the same.
        """
        return await self._history.append(channel, message)

    @contextlib.asynccontextmanager
    async def follow(
        self,
        channel: str,
        *,
        after: str | None = None,
        queue_events_max: int = QUEUE_EVENTS_MAX,
        when_full: WhenFull = WhenFull.DROP_OLDEST,
    ) -> AsyncIterator[Follower]:
        """Read a channel to which messages are appended.

        Without `after`, yields what comes from now on. With the id of the event that was read
        last, yields first everything after it, then `CaughtUp`, then what comes; where that is
        not possible, a `Gap` stands for all that was missed. Each event comes once, in order.
        Reading raises `NotAStreamError` where the channel's name is something else in Redis.
        """
        _check_text(channel)
        follower = Follower(
            self._history, channel, queue_events_max=queue_events_max, when_full=when_full
        )
        self._followers.add(follower)
        try:
            await follower.start(after, self._confirm_seconds)
            yield follower
        finally:
            self._followers.discard(follower)
            follower.leave()

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
                    _deliver(reader, event)


def open_broadcast(
    redis_url: str | None,
    *,
    limits: HistoryLimits | None = None,
    confirm_seconds: float = CONFIRM_SECONDS,
) -> Broadcast:
    """The broadcast of this process: through Redis, or in memory without a URL."""
    if redis_url is None:
        return Broadcast(MemoryBackend(), MemoryHistory(limits))
    return Broadcast(
        RedisBackend(redis_url), RedisHistory(redis_url, limits), confirm_seconds=confirm_seconds
    )


def _check_text(channel: str) -> None:
    """Names may come from clients: what cannot be sent must not reach a shared connection."""
    channel.encode()


def _deliver(reader: Subscriber, event: Event) -> None:
    try:
        reader.deliver(event)
    except Exception:
        # A message that one reader cannot tell the key of must not make all the others deaf.
        log.exception("a message of %s could not be delivered", reader.channel)
        reader.lose()
