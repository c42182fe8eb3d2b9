"""Reading many Redis Streams on one connection.

Theory of operation. One `XREAD BLOCK` waits for all channels of the reader, each after the event
that was delivered last, so a connection that breaks loses nothing: the next one goes on from the
same places. When channels are added, `CLIENT UNBLOCK` on another connection ends the command, and
the next one has them; many at once are one such change. Channels that were removed are left out
of the next command, and of the answer to this one.

A stream may be trimmed past the place where its reader is, after a pause or when it is written
faster than it is read. Then there are at least as many events as it keeps, so places need to be
checked only where an answer has many events of one channel.

Every command names every channel, so its cost grows with their number: after each answer the
reader waits a little, in proportion, and takes the events that came meanwhile at once.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from broadcasting.events import EventId, Kept
from broadcasting.history import EVENTS_MAX_LEAST, LiveChannel
from broadcasting.redis_commands import RedisCommands
from broadcasting.redis_connection import stay_connected, until_first_ends

__all__ = ["MESSAGE_FIELD", "StreamReader", "kept_from_entry"]

MESSAGE_FIELD = "message"
CHANNELS_MAX = 1_000
#: Entries of one channel, and of all channels, that one command may answer.
CHANNEL_EVENTS_MAX = 200
ANSWER_EVENTS_MAX = 10_000
#: From so many events of one channel in one answer on, it is asked whether it was trimmed.
CHECKED_EVENTS = EVENTS_MAX_LEAST
BLOCK_SECONDS = 5.0
#: Silence after which a connection is taken for dead although nobody closed it.
SILENCE_SECONDS = 15.0
#: Channels that are added within this time are one change.
COALESCE_SECONDS = 0.005
PAUSE_SECONDS_PER_CHANNEL = 0.00001


class Places(Protocol):
    """Whether streams still are what they were when they were read last."""

    async def is_kept(self, live: LiveChannel) -> bool:
        """Whether no event after the channel's position was forgotten."""

    async def look_again(self, live: LiveChannel) -> None:
        """Show a gap where the stream is not what it was; end a channel that is none any more.

        Asked about every channel whenever a connection was made: the stream may have lost its end
        in a crash, or be gone.
        """


class StreamReader:
    """Delivers what is appended to its channels."""

    def __init__(self, connect: Callable[[], Any], commands: RedisCommands, places: Places) -> None:
        self._commands = commands
        self._places = places
        self._channels: dict[str, LiveChannel] = {}
        self._has_channels = asyncio.Event()
        # How often channels were added, and how often when the present command was sent.
        self._additions = 0
        self._additions_sent = 0
        self._was_added = asyncio.Event()
        self._task = asyncio.create_task(
            stay_connected(connect, self._converse, purpose="reading streams"), name="redis-streams"
        )

    @property
    def has_room(self) -> bool:
        """Whether one more channel may be added."""
        return len(self._channels) < CHANNELS_MAX

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to read."""
        return not self._channels

    def add(self, live: LiveChannel) -> None:
        """Deliver what comes after the channel's position."""
        self._channels[live.name] = live
        self._additions += 1
        self._has_channels.set()
        self._was_added.set()

    def remove(self, live: LiveChannel) -> None:
        """Deliver nothing any more."""
        if self._channels.get(live.name) is live:
            del self._channels[live.name]
        if not self._channels:
            self._has_channels.clear()
            # There is no command to be sent, and so nothing to be told.
            self._additions_sent = self._additions

    def end(self) -> asyncio.Task[None]:
        """Close the connection; answers what ends when that is done."""
        self._task.cancel()
        return self._task

    async def _converse(self, connection: Any) -> None:
        async with asyncio.timeout(SILENCE_SECONDS):
            await connection.send_command("CLIENT", "ID")
            client_id = await connection.read_response()
        await self._look_at_all()
        await until_first_ends(self._read(connection), self._unblock(client_id))

    async def _look_at_all(self) -> None:
        looks = map(self._places.look_again, self._channels.values())
        # All of them end before another conversation begins, also when one fails.
        for failure in await asyncio.gather(*looks, return_exceptions=True):
            if failure is not None:
                raise failure

    async def _read(self, connection: Any) -> None:
        while True:
            while not self._channels:  # Who woke us may have left again.
                await self._has_channels.wait()
            channels = dict(self._channels)
            self._additions_sent = self._additions
            async with asyncio.timeout(SILENCE_SECONDS):
                await connection.send_command(*_read_command(channels))
                answer = await connection.read_response(timeout=math.inf)
            if answer:
                await self._deliver([(channels[name], entries) for name, entries in answer])
                await asyncio.sleep(len(channels) * PAUSE_SECONDS_PER_CHANNEL)

    async def _deliver(self, answer: list[tuple[LiveChannel, list[Any]]]) -> None:
        doubtful = [live for live, entries in answer if len(entries) >= CHECKED_EVENTS]
        kept = await asyncio.gather(*map(self._places.is_kept, doubtful))
        trimmed = {live for live, is_kept in zip(doubtful, kept, strict=True) if not is_kept}
        for live, entries in answer:
            if live in trimmed:
                live.lose(live.position)
            for entry in entries:
                event = kept_from_entry(live.name, entry)
                live.deliver(event, EventId.parse(event.id) or live.position)

    async def _unblock(self, client_id: int) -> None:
        while True:
            await self._was_added.wait()
            await asyncio.sleep(COALESCE_SECONDS)
            if self._additions_sent == self._additions:
                self._was_added.clear()
            else:
                # Without effect where the command has not arrived yet; then once more.
                await self._commands.run(("CLIENT", "UNBLOCK", client_id))


def _read_command(channels: dict[str, LiveChannel]) -> list[Any]:
    count = min(CHANNEL_EVENTS_MAX, max(CHECKED_EVENTS, ANSWER_EVENTS_MAX // len(channels)))
    positions = [str(live.position) for live in channels.values()]
    options = ("COUNT", count, "BLOCK", int(BLOCK_SECONDS * 1000), "STREAMS")
    return ["XREAD", *options, *channels, *positions]


def kept_from_entry(channel: str, entry: Sequence[Any]) -> Kept:
    """The event in a stream's entry; one without our field is an event without text."""
    event_id, fields = entry
    # Of an entry that was deleted meanwhile there are no fields.
    values = dict(zip(fields[::2], fields[1::2], strict=True)) if fields else {}
    return Kept(channel, values.get(MESSAGE_FIELD, ""), event_id)
