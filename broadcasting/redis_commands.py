"""Commands of many callers in few round trips.

What callers send while one batch is under way is the next batch, so ten thousand callers at once
take a hundred round trips on one connection, and the commands of one process keep their order.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from redis.exceptions import RedisError, ResponseError

from broadcasting.events import BroadcastUnavailableError, NotAStreamError
from broadcasting.redis_connection import connection_maker

__all__ = ["NoStreamError", "RedisCommands"]

#: How long Redis may take to connect and answer one batch.
BATCH_SECONDS = 2.0
#: Groups of commands sent at once.
BATCH_GROUPS_MAX = 100
#: Callers that wait; one more is told at once that Redis is not available.
WAITING_GROUPS_MAX = 50_000


Command: TypeAlias = Sequence[str | bytes | int]


class NoStreamError(BroadcastUnavailableError):
    """There is no key of this name."""


class _Group:
    __slots__ = ("commands", "replies")

    def __init__(self, commands: Sequence[Command]) -> None:
        # Encoded here, so that what cannot be sent fails its own caller only.
        self.commands = [[_encoded(part) for part in command] for command in commands]
        self.replies: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()


class RedisCommands:
    """Sends commands that answer at once; never repeats one by itself."""

    def __init__(self, url: str) -> None:
        self._connection = connection_maker(url)()
        self._waiting: deque[_Group] = deque()
        self._sending: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Close the connection; who still waits is told that Redis is not available."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        self._give_up([], ConnectionError("closed"))
        await self._connection.disconnect(nowait=True)

    async def run(self, *commands: Command) -> list[Any]:
        """Send commands one after the other and answer their replies, as Redis gave them.

        Raises `BroadcastUnavailableError` when Redis does not answer in time, or refuses one, and
        ValueError or TypeError for what is no text.
        """
        if len(self._waiting) >= WAITING_GROUPS_MAX:
            raise BroadcastUnavailableError("Too many commands wait for Redis")
        group = _Group(commands)
        self._waiting.append(group)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send(), name="redis-commands")
        replies = await group.replies
        for reply in replies:
            if isinstance(reply, Exception):
                raise _refusal(reply) from reply
        return replies

    async def _send(self) -> None:
        batch: list[_Group] = []
        try:
            while batch := self._next_batch():
                replies = await self._exchange(batch)
                for group in batch:
                    _settle(group, [next(replies) for _ in group.commands])
        except (RedisError, OSError, TimeoutError) as error:
            self._give_up(batch, error)
        except BaseException:
            self._give_up(batch, ConnectionError("closed"))
            raise

    def _next_batch(self) -> list[_Group]:
        batch: list[_Group] = []
        while self._waiting and len(batch) < BATCH_GROUPS_MAX:
            group = self._waiting.popleft()
            if not group.replies.done():  # Its caller may have gone.
                batch.append(group)
        return batch

    async def _exchange(self, batch: list[_Group]) -> Iterator[Any]:
        commands = [command for group in batch for command in group.commands]
        async with asyncio.timeout(BATCH_SECONDS):
            connection = self._connection
            try:
                if connection.is_connected and await connection.can_read():
                    # Nothing was asked: it was closed meanwhile.
                    await connection.disconnect(nowait=True)
                await connection.connect()
                await connection.send_packed_command(connection.pack_commands(commands))
                return iter([await _read_reply(connection) for _ in commands])
            except BaseException:
                # Replies that were not read belong to nobody.
                await connection.disconnect(nowait=True)
                raise

    def _give_up(self, batch: list[_Group], error: Exception) -> None:
        """Fail the batch and all who wait: each would only wait as long for the same answer."""
        waiting, self._waiting = self._waiting, deque()
        for group in (*batch, *waiting):
            _settle(group, [error])


def _encoded(part: str | bytes | int) -> bytes:
    if isinstance(part, bytes):
        return part
    if isinstance(part, str | int):
        return str(part).encode()
    raise TypeError(f"{type(part).__name__} is neither text nor bytes")


async def _read_reply(connection: Any) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error


def _settle(group: _Group, replies: list[Any]) -> None:
    with contextlib.suppress(asyncio.InvalidStateError):
        group.replies.set_result(replies)


def _refusal(error: Exception) -> BroadcastUnavailableError:
    if str(error).startswith("WRONGTYPE"):
        return NotAStreamError(str(error))
    if "no such key" in str(error):
        return NoStreamError(str(error))
    return BroadcastUnavailableError(f"Redis is not available: {error}")
