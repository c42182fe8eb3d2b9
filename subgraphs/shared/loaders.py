"""Batched loading: many single loads of one tick become one SQL statement.

A loader belongs to one request. On a WebSocket, where one context serves the whole connection,
loaders batch but do not remember: a later event must see the later state.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from aiodataloader import DataLoader

__all__ = ["BATCH_SIZE_MAX", "BatchLoader", "load_present"]

#: Keys in one statement; far below what SQLite (32,766) and PostgreSQL (65,535) can bind.
BATCH_SIZE_MAX = 1000

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")


class BatchLoader(DataLoader[Key, Row | None]):
    """Loads rows by key through one function that answers those it found; others are None."""

    def __init__(
        self,
        load_rows: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Row]]],
        *,
        remembers: bool = True,
    ) -> None:
        async def load_batch(keys: list[Key]) -> list[Row | None]:
            rows = await load_rows(list(dict.fromkeys(keys)))
            return [rows.get(key) for key in keys]

        super().__init__(load_batch, max_batch_size=BATCH_SIZE_MAX, cache=remembers)


async def load_present(loader: DataLoader[Any, Row | None], keys: Sequence[Any]) -> list[Row]:
    """The rows that exist, in the order of the keys."""
    return [row for row in await loader.load_many(keys) if row is not None]
