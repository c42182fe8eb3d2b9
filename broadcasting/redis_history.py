"""Channels that keep what was sent in Redis Streams.

A channel's stream has the channel's name as its key, and entries with the one field `message`, so
that programs in any language can append to it with XADD. Every append bounds the stream's length
and sets the time after which Redis forgets a channel that nobody appends to.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from broadcasting.events import EventId, Kept, NotAStreamError
from broadcasting.history import EMPTY, PAGE_EVENTS, History, HistoryLimits, LiveChannel
from broadcasting.redis_commands import NoStreamError, RedisCommands
from broadcasting.redis_connection import connection_maker
from broadcasting.stream_reader import MESSAGE_FIELD, StreamReader, kept_from_entry

__all__ = ["RedisHistory"]


class RedisHistory(History):
    """Redis Streams at a `redis://`, `rediss://` or `unix://` URL."""

    def __init__(self, url: str, limits: HistoryLimits | None = None) -> None:
        super().__init__(limits)
        self._commands = RedisCommands(url)
        self._connect = connection_maker(url)
        self._readers: list[StreamReader] = []
        self._reader_of: dict[str, StreamReader] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def disconnect(self) -> None:
        """Close every connection; they are made again when they are needed."""
        await super().disconnect()
        self._reader_of.clear()
        ending = [*self._ending, *(reader.end() for reader in self._readers)]
        self._readers.clear()
        await asyncio.gather(*ending, return_exceptions=True)
        await self._commands.close()

    async def append(self, channel: str, message: str) -> str:
        """Append to the stream. What raises may have been appended all the same."""
        limits = self.limits
        kept = ("MAXLEN", "~", limits.events_max, "*", MESSAGE_FIELD, message)
        replies = await self._commands.run(
            ("XADD", channel, *kept), ("EXPIRE", channel, limits.seconds)
        )
        return str(replies[0])

    async def latest(self, channel: str) -> EventId:
        """The id of the stream's last entry."""
        [entries] = await self._commands.run(("XREVRANGE", channel, "+", "-", "COUNT", 1))
        return _id_of(entries[0]) if entries else EMPTY

    async def page_after(self, channel: str, position: EventId) -> Sequence[Kept] | None:
        """The next entries; None when the stream no longer begins where the reader stopped."""
        [entries] = await self._commands.run(
            ("XRANGE", channel, str(position), "+", "COUNT", PAGE_EVENTS + 1)
        )
        if position == EMPTY:
            # Nothing to recognise. Asked last, since the stream may be trimmed at any time.
            if entries and not await self._is_untrimmed(channel):
                return None
            del entries[PAGE_EVENTS:]
        elif not entries or _id_of(entries.pop(0)) != position:
            return None
        return [kept_from_entry(channel, entry) for entry in entries]

    async def look_again(self, live: LiveChannel) -> None:
        """Show a gap where the stream is not what it was; end a channel that is none any more."""
        try:
            if not await self.is_kept(live):
                live.lose(await self.latest(live.name))
        except NotAStreamError:
            if self._live.get(live.name) is live:
                del self._live[live.name]
                self._unwatch(live)
            live.close()

    async def is_kept(self, live: LiveChannel) -> bool:
        """Whether no event after the channel's position was forgotten."""
        if live.position == EMPTY:
            return await self._is_untrimmed(live.name)
        place = str(live.position)
        [entries] = await self._commands.run(("XRANGE", live.name, place, place))
        return bool(entries)

    def _watch(self, live: LiveChannel) -> None:
        for reader in self._readers:
            if reader.has_room:
                break
        else:
            reader = StreamReader(self._connect, self._commands, self)
            self._readers.append(reader)
        self._reader_of[live.name] = reader
        reader.add(live)

    def _unwatch(self, live: LiveChannel) -> None:
        reader = self._reader_of.pop(live.name)
        reader.remove(live)
        if reader.is_idle and len(self._readers) > 1:
            self._readers.remove(reader)
            ending = reader.end()
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def _is_untrimmed(self, channel: str) -> bool:
        """Whether everything that was ever appended is there; Redis before 7 does not know."""
        try:
            [pairs] = await self._commands.run(("XINFO", "STREAM", channel))
        except NoStreamError:
            return True
        info = dict(zip(pairs[::2], pairs[1::2], strict=True))
        return bool(info.get("entries-added") == info["length"])


def _id_of(entry: Sequence[Any]) -> EventId:
    return EventId.parse(entry[0]) or EMPTY
