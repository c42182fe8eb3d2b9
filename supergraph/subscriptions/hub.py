"""Which clients share a feed, and when it begins and ends."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import field
from types import TracebackType
from typing import Self

from supergraph.errors import broken_invariant
from supergraph.records import record
from supergraph.subscriptions.buffer import Buffer, FullPolicy
from supergraph.subscriptions.events import Ended, Item
from supergraph.subscriptions.feed import Feed, Source

__all__ = ["HubLimits", "SubscriptionHub", "Watch", "Watching"]

#: Subscriptions that are renewed at a time; the others go on with what they have.
RENEWALS_MAX = 100


@record
class HubLimits:
    """`buffer_events` and `when_full` hold for each client; zero heartbeat seconds are none."""

    buffer_events: int
    when_full: FullPolicy
    heartbeat_seconds: float
    clients_max: int


@record
class Watch:
    """What a client wants to watch.

    Those with an equal `key` see the same events and share a feed; None is shared with nobody.
    `renew` makes the same again where what the source stands on was exchanged; it answers how the
    subscription ends where that cannot be. After `seconds` it ends for this client with `expired`.
    `when_full` is what fits its events, where that is not what the hub does with others.
    """

    key: Hashable | None
    source: Source
    renew: Callable[[], Awaitable["Watch | Ended"]] | None = None
    seconds: float | None = None
    expired: Ended = field(default_factory=Ended)
    when_full: FullPolicy | None = None


class Watching:
    """One client's way of reading a feed, within an `async with` block.

    Leaving the block ends it, and the feed when it was the last.
    """

    __slots__ = ("_buffer", "_expiry", "_feed", "_hub", "_watch")

    def __init__(self, hub: "SubscriptionHub", watch: Watch) -> None:
        self._hub = hub
        self._watch = watch
        self._feed: Feed | None = None
        self._buffer: Buffer | None = None
        self._expiry: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        watch = self._watch
        self._feed, self._buffer = self._hub.join(watch)
        if watch.seconds is not None:
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(watch.seconds, self._buffer.end, watch.expired)
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        if self._feed is not None and self._buffer is not None:
            await self._hub.leave(self._feed, self._buffer)

    async def get(self) -> Item:
        """The next item; nothing follows `Ended`."""
        if self._feed is None or self._buffer is None:
            broken_invariant("a feed is read within the block")
        item = await self._buffer.get()
        self._feed.has_room()
        return item


class SubscriptionHub:
    """All live subscriptions of a gateway.

    `overflow` is the end of a client that was too slow, `failed` words what a source raises.
    """

    def __init__(
        self, limits: HubLimits, overflow: Ended, failed: Callable[[Exception], Ended]
    ) -> None:
        self._limits = limits
        self._overflow = overflow
        self._failed = failed
        self._shared: dict[Hashable, Feed] = {}
        self._feeds: dict[Feed, Watch] = {}
        self._beating: asyncio.Task[None] | None = None
        self.clients = 0

    def __repr__(self) -> str:
        return f"<SubscriptionHub: {self.clients} clients of {len(self._feeds)} feeds>"

    @property
    def is_full(self) -> bool:
        """Whether there are as many clients as there may be."""
        return self.clients >= self._limits.clients_max

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Those that run."""
        return tuple(self._feeds)

    def watch(self, watch: Watch) -> Watching:
        """Use as `async with hub.watch(...) as watching`."""
        return Watching(self, watch)

    def join(self, watch: Watch) -> tuple[Feed, Buffer]:
        """Begin to watch; `leave` ends it."""
        feed = None if watch.key is None else self._shared.get(watch.key)
        if feed is None or feed.is_over:
            feed = Feed(watch.source, self._failed)
            self._feeds[feed] = watch
            if watch.key is not None:
                self._shared[watch.key] = feed
        limits = self._limits
        policy = watch.when_full or limits.when_full
        buffer = Buffer(limits.buffer_events, policy, self._overflow)
        feed.add(buffer)
        self.clients += 1
        self._beat()
        return feed, buffer

    async def leave(self, feed: Feed, buffer: Buffer) -> None:
        """End one client's watching."""
        self.clients -= 1
        if not self.clients and self._beating is not None:
            self._beating.cancel()
            self._beating = None
        if feed.remove(buffer):
            self._unshare(feed, self._feeds.pop(feed))
            await feed.close()

    def end(self, ended: Ended) -> None:
        """End every subscription; the clients close them."""
        for feed in self.feeds:
            feed.end(ended)

    async def renew(self) -> None:
        """Let every subscription go on with what its source is now, or end where it cannot."""
        renewals = asyncio.Semaphore(RENEWALS_MAX)
        async with asyncio.TaskGroup() as group:
            for feed in self.feeds:
                await renewals.acquire()
                renewal = group.create_task(self._renew(feed))
                renewal.add_done_callback(lambda _: renewals.release())

    async def _renew(self, feed: Feed) -> None:
        watch = self._feeds.get(feed)
        if watch is None or watch.renew is None or feed.is_over:
            return
        renewed = await watch.renew()
        present = self._feeds.get(feed)  # another renewal may have been quicker
        if present is None:
            return  # the last client left meanwhile
        self._unshare(feed, present)
        if isinstance(renewed, Ended):
            feed.end(renewed)
            return
        self._feeds[feed] = renewed
        if renewed.key is not None:
            self._shared.setdefault(renewed.key, feed)
        await feed.replace(renewed.source)

    def _unshare(self, feed: Feed, watch: Watch) -> None:
        if watch.key is not None and self._shared.get(watch.key) is feed:
            del self._shared[watch.key]

    def _beat(self) -> None:
        if self._beating is None and self._limits.heartbeat_seconds:
            self._beating = asyncio.create_task(
                self._keep_beating(), context=contextvars.Context(), name="heartbeats"
            )

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(self._limits.heartbeat_seconds)
            for feed in self.feeds:
                feed.beat()
