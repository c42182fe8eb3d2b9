"""Broadcasts in tests: reading with a limit of time, appending until it is acknowledged."""

import asyncio
import itertools
from typing import Protocol, TypeVar

from broadcasting import Broadcast, BroadcastUnavailableError

__all__ = ["Reader", "append_surely", "fresh_channel", "read", "read_many", "read_until"]

WAIT_SECONDS = 30.0
_numbers = itertools.count(1)

Item_co = TypeVar("Item_co", covariant=True)
Item = TypeVar("Item")


class Reader(Protocol[Item_co]):
    async def get(self) -> Item_co: ...


def fresh_channel() -> str:
    """A channel that no other test on the same Redis has."""
    return f"channel-{next(_numbers)}"


async def read(reader: Reader[Item]) -> Item:
    async with asyncio.timeout(WAIT_SECONDS):
        return await reader.get()


async def read_many(reader: Reader[Item], count: int) -> list[Item]:
    return [await read(reader) for _ in range(count)]


async def read_until(reader: Reader[Item], last: object) -> list[Item]:
    """Read up to an item and answer what came before it."""
    before: list[Item] = []
    while (item := await read(reader)) != last:
        before.append(item)
    return before


async def append_surely(broadcast: Broadcast, channel: str, message: str) -> str:
    """Append until it is acknowledged; what a crash interrupts may be there twice."""
    while True:
        try:
            return await broadcast.append(channel, message)
        except BroadcastUnavailableError:
            await asyncio.sleep(0)
