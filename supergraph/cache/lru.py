"""One bounded cache: the least recently used entry goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from itertools import islice
from typing import Generic, TypeVar

__all__ = ["LruCache"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """At most `size` entries of at most `weight_max` together, with counters of hits and misses.

    The weight is what the caller says an entry costs (a text's length, say), so that a few huge
    entries cannot take the memory meant for many. It is used from one event loop and never awaits,
    so it needs no lock. A value is never None.
    """

    def __init__(self, size: int, weight_max: int | None = None) -> None:
        if size < 1:
            raise ValueError("a cache holds at least one entry")
        self.size = size
        self.weight_max = weight_max
        self.weight = 0
        self.hits = 0
        self.misses = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<LruCache {len(self)}/{self.size}, {self.hits} hits, {self.misses} misses>"

    def get(self, key: K) -> V | None:
        """The entry, which is now the most recently used; None when there is none."""
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, weight: int = 1) -> None:
        """Keep an entry and drop the least recently used ones that no longer fit.

        An entry heavier than the whole cache is not kept.
        """
        self._drop(key)
        if self.weight_max is not None and weight > self.weight_max:
            return
        self._entries[key] = (value, weight)
        self.weight += weight
        while self._is_over():
            _, (_, dropped) = self._entries.popitem(last=False)
            self.weight -= dropped

    def newest(self, count: int) -> list[K]:
        """The keys of the entries used last, the last one first."""
        return list(islice(reversed(self._entries), count))

    def statistics(self) -> dict[str, int]:
        """What an operator wants to know of it."""
        return {
            "entries": len(self),
            "size": self.size,
            "hits": self.hits,
            "misses": self.misses,
        }

    def clear(self) -> None:
        """Forget every entry; the counters stay."""
        self._entries.clear()
        self.weight = 0

    def _drop(self, key: K) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.weight -= entry[1]

    def _is_over(self) -> bool:
        too_heavy = self.weight_max is not None and self.weight > self.weight_max
        return too_heavy or len(self._entries) > self.size
