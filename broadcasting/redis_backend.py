"""Redis pub/sub that survives Redis.

Theory of operation. The backend remembers which channels are wanted, and which of them changed;
`subscribe` and `unsubscribe` only change that memory, so they never yield to the loop and cannot
race. One task owns a connection of its own: it connects, subscribes to everything wanted, reads
until the connection breaks, and begins again with a growing pause, for ever. What changed is told
to Redis many channels at a time; who comes and goes while Redis is down costs nothing. Every time
Redis acknowledges a subscription the reader yields `Confirmed`, from which `Broadcast` tells a
subscriber that the channel is live, or live again after a gap.

The connection is checked by our own PING. Publishing uses another one.
"""

import asyncio
import itertools
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from broadcaster import BroadcastBackend, Event

from broadcasting.redis_commands import RedisCommands
from broadcasting.redis_connection import connection_maker, stay_connected, until_first_ends

__all__ = ["Confirmed", "RedisBackend"]

PING_SECONDS = 5.0
#: Silence after which a connection is taken for dead although nobody closed it.
SILENCE_SECONDS = 15.0
#: Channels in one SUBSCRIBE command, so that a reconnect with many channels stays in small frames.
CHANNELS_PER_COMMAND = 500
#: Messages read from Redis and not yet handed to subscribers; a full queue slows the reader.
INBOX_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Redis acknowledged the subscription: messages from now on will arrive."""

    channel: str


@dataclass(frozen=True, slots=True)
class _Acknowledged:
    channel: str
    conversation: int


class RedisBackend(BroadcastBackend):
    """The backend of `Broadcast` for a `redis://`, `rediss://` or `unix://` URL."""

    def __init__(self, url: str) -> None:
        self._connect = connection_maker(url)
        self._commands = RedisCommands(url)
        self._wanted: set[str] = set()
        # What this connection was told; and channels about which it has to be told something,
        # in order. The latter are wanted or told, so their number is bounded by subscribers.
        self._told: set[str] = set()
        self._changed: dict[str, None] = {}
        self._has_changes = asyncio.Event()
        self._unacknowledged: Counter[str] = Counter()
        self._conversation = 0
        self._inbox: asyncio.Queue[Event | _Acknowledged] = asyncio.Queue(INBOX_EVENTS)
        self._task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Start connecting; returns at once, whether Redis is there or not."""
        self._task = asyncio.create_task(
            stay_connected(self._connect, self._converse, purpose="subscriptions"),
            name="redis-subscriptions",
        )

    async def disconnect(self) -> None:
        """Close every connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._commands.close()

    async def subscribe(self, channel: str) -> None:
        """Want a channel; never yields. `Confirmed` follows when Redis has acknowledged it."""
        self._wanted.add(channel)
        self._note_change(channel)

    async def unsubscribe(self, channel: str) -> None:
        """No longer want a channel; never yields."""
        self._wanted.discard(channel)
        if channel in self._told:
            self._note_change(channel)
        else:
            self._changed.pop(channel, None)

    async def publish(self, channel: str, message: Any) -> None:
        """Publish, or raise `BroadcastUnavailableError` after a bounded wait.

        What raises may have been published all the same.
        """
        await self._commands.run(("PUBLISH", channel, message))

    async def next_published(  # type: ignore[override]  # read by our own Broadcast only
        self,
    ) -> Event | Confirmed:
        """Wait for the next message or acknowledged subscription."""
        while True:
            item = await self._inbox.get()
            if isinstance(item, Event):
                return item
            if self._is_live_after(item):
                return Confirmed(item.channel)

    def _note_change(self, channel: str) -> None:
        self._changed[channel] = None
        self._has_changes.set()

    def _is_live_after(self, item: _Acknowledged) -> bool:
        if item.conversation != self._conversation:
            return False
        self._unacknowledged[item.channel] -= 1
        if self._unacknowledged[item.channel] > 0:
            return False
        del self._unacknowledged[item.channel]
        # Something about it that Redis was not told yet? Then a later acknowledgement counts.
        return item.channel in self._wanted and item.channel not in self._changed

    async def _converse(self, connection: Any) -> None:
        # What the old connection was told is void: the new one starts from what is wanted.
        self._conversation += 1
        self._told.clear()
        self._unacknowledged.clear()
        self._changed = dict.fromkeys(self._wanted)
        self._has_changes.set()
        await until_first_ends(self._read(connection), self._write(connection))

    async def _read(self, connection: Any) -> None:
        conversation = self._conversation
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                reply = await connection.read_response(timeout=math.inf)
            match reply:
                case ["message", str(channel), message]:
                    await self._inbox.put(Event(channel, message))
                case ["subscribe", str(channel), _]:
                    await self._inbox.put(_Acknowledged(channel, conversation))
                case _:  # Acknowledged unsubscriptions and answers to our PING.
                    pass

    async def _write(self, connection: Any) -> None:
        while True:
            while self._changed:
                for command in self._take_changes():
                    await connection.send_command(*command)
            self._has_changes.clear()
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._has_changes.wait()
            except TimeoutError:
                await connection.send_command("PING")

    def _take_changes(self) -> list[list[str]]:
        channels = list(itertools.islice(self._changed, CHANNELS_PER_COMMAND))
        for channel in channels:
            del self._changed[channel]
        # Who left and came back meanwhile is subscribed to again, for the acknowledgement.
        wanted = [channel for channel in channels if channel in self._wanted]
        unwanted = [channel for channel in channels if channel not in self._wanted]
        self._told.update(wanted)
        self._told.difference_update(unwanted)
        self._unacknowledged.update(wanted)
        commands = (["SUBSCRIBE", *wanted], ["UNSUBSCRIBE", *unwanted])
        return [command for command in commands if len(command) > 1]
