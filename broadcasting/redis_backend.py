"""Redis pub/sub that survives Redis.

Theory of operation. The backend remembers which channels are wanted; `subscribe` and
`unsubscribe` only change that memory and queue a command, so they never yield to the loop and
cannot race. One task owns a connection of its own: it connects, subscribes to everything wanted,
reads until the connection breaks, and begins again with a growing pause, for ever. Every time
Redis acknowledges a subscription the reader yields `Confirmed`, from which `Broadcast` tells a
subscriber that the channel is live, or live again after a gap.

The connection speaks RESP2, has no read timeout (it may be silent for hours) and is instead
checked by our own PING. Publishing uses a small pool with short timeouts.
"""

import asyncio
import contextlib
import logging
import math
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

import redis.asyncio as redis
from broadcaster import BroadcastBackend, Event
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

__all__ = ["BroadcastUnavailableError", "Confirmed", "RedisBackend"]

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
#: How long a publisher waits for Redis before it is told that the message did not go out.
PUBLISH_SECONDS = 2.0
PUBLISH_CONNECTIONS = 8
BACKOFF_SECONDS_MIN = 0.05
BACKOFF_SECONDS_MAX = 2.0
PING_SECONDS = 5.0
#: Silence after which a connection is taken for dead although nobody closed it.
SILENCE_SECONDS = 15.0
#: Channels in one SUBSCRIBE command, so that a reconnect with many channels stays in small frames.
CHANNELS_PER_COMMAND = 500
#: Messages read from Redis and not yet handed to subscribers; a full queue slows the reader.
INBOX_EVENTS = 10_000


class BroadcastUnavailableError(Exception):
    """Redis could not be reached within the publisher's bounded wait; nothing was published."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Redis acknowledged the subscription: messages from now on will arrive."""

    channel: str


class RedisBackend(BroadcastBackend):
    """The backend of `Broadcast` for a `redis://`, `rediss://` or `unix://` URL."""

    def __init__(self, url: str) -> None:
        self._pool = redis.ConnectionPool.from_url(
            url,
            protocol=2,
            decode_responses=True,
            socket_timeout=None,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),
        )
        self._publisher = redis.Redis.from_pool(
            redis.BlockingConnectionPool.from_url(
                url,
                max_connections=PUBLISH_CONNECTIONS,
                timeout=PUBLISH_SECONDS,
                socket_timeout=PUBLISH_SECONDS,
                socket_connect_timeout=CONNECT_SECONDS,
                # One retry: a pooled connection may have died since it was last used.
                retry=Retry(NoBackoff(), 1),
            )
        )
        self._wanted: set[str] = set()
        self._unacknowledged: Counter[str] = Counter()
        self._commands: deque[tuple[str, str]] = deque()
        self._has_commands = asyncio.Event()
        self._inbox: asyncio.Queue[Event | Confirmed] = asyncio.Queue(INBOX_EVENTS)
        self._task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Start connecting; returns at once, whether Redis is there or not."""
        self._task = asyncio.create_task(self._stay_connected(), name="redis-subscriptions")

    async def disconnect(self) -> None:
        """Close every connection."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._pool.aclose()
        await self._publisher.aclose()

    async def subscribe(self, channel: str) -> None:
        """Want a channel; never yields. `Confirmed` follows when Redis has acknowledged it."""
        self._wanted.add(channel)
        self._unacknowledged[channel] += 1
        self._queue_command("SUBSCRIBE", channel)

    async def unsubscribe(self, channel: str) -> None:
        """No longer want a channel; never yields."""
        self._wanted.discard(channel)
        self._queue_command("UNSUBSCRIBE", channel)

    async def publish(self, channel: str, message: Any) -> None:
        """Publish, or raise `BroadcastUnavailableError` after a bounded wait."""
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._publisher.publish(channel, message)
        except (RedisError, OSError, TimeoutError) as error:
            raise BroadcastUnavailableError(f"Redis did not take the message: {error}") from error

    async def next_published(  # type: ignore[override]  # read by our own Broadcast only
        self,
    ) -> Event | Confirmed:
        """Wait for the next message or acknowledged subscription."""
        return await self._inbox.get()

    def _queue_command(self, command: str, channel: str) -> None:
        self._commands.append((command, channel))
        self._has_commands.set()

    async def _stay_connected(self) -> None:
        pause = BACKOFF_SECONDS_MIN
        is_down = False
        while True:
            connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
            try:
                await connection.connect()
                if is_down:
                    log.info("Redis is back; subscribing again to %d channels", len(self._wanted))
                is_down, pause = False, BACKOFF_SECONDS_MIN
                await self._converse(connection)
            except (RedisError, OSError, TimeoutError) as error:
                if not is_down:
                    log.warning("Redis is unreachable, will keep trying: %s", error)
                is_down = True
            finally:
                # A socket that is already broken may object to being closed.
                with contextlib.suppress(RedisError, OSError):
                    await connection.disconnect(nowait=True)
            await asyncio.sleep(pause)
            pause = min(pause * 2, BACKOFF_SECONDS_MAX)

    async def _converse(self, connection: Any) -> None:
        # What was queued for the old connection is void: the new one starts from what is wanted.
        self._commands = deque(("SUBSCRIBE", channel) for channel in self._wanted)
        self._unacknowledged = Counter(dict.fromkeys(self._wanted, 1))
        self._has_commands.set()
        tasks = [asyncio.ensure_future(work(connection)) for work in (self._read, self._write)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, connection: Any) -> None:
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                reply = await connection.read_response(timeout=math.inf)
            match reply:
                case ["message", str(channel), message]:
                    await self._inbox.put(Event(channel, message))
                case ["subscribe", str(channel), _]:
                    await self._acknowledge(channel)
                case _:  # Acknowledged unsubscriptions and answers to our PING.
                    pass

    async def _acknowledge(self, channel: str) -> None:
        self._unacknowledged[channel] -= 1
        # With a later SUBSCRIBE still under way an UNSUBSCRIBE lies between: not live yet.
        if self._unacknowledged[channel] <= 0:
            del self._unacknowledged[channel]
            await self._inbox.put(Confirmed(channel))

    async def _write(self, connection: Any) -> None:
        while True:
            while self._commands:
                await connection.send_command(*self._next_command())
            self._has_commands.clear()
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._has_commands.wait()
            except TimeoutError:
                await connection.send_command("PING")

    def _next_command(self) -> list[str]:
        command, channel = self._commands.popleft()
        channels = [channel]
        while (
            self._commands
            and self._commands[0][0] == command
            and len(channels) < CHANNELS_PER_COMMAND
        ):
            channels.append(self._commands.popleft()[1])
        return [command, *channels]
