"""The bounded cache."""

import pytest

from supergraph.cache.lru import LruCache


def test_least_recently_used_entry_goes_first() -> None:
    cache: LruCache[str, int] = LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
    assert repr(cache) == "<LruCache 2/2, 3 hits, 1 misses>"


def test_weight_bounds_all_entries_together() -> None:
    cache: LruCache[str, int] = LruCache(10, weight_max=100)
    cache.put("a", 1, weight=60)
    cache.put("b", 2, weight=60)
    cache.put("huge", 3, weight=101)

    assert (cache.get("a"), cache.get("b"), cache.get("huge")) == (None, 2, None)
    assert cache.weight == 60


def test_replaced_entry_is_weighed_once() -> None:
    cache: LruCache[str, int] = LruCache(10, weight_max=100)
    for weight in (90, 10, 50):
        cache.put("a", weight, weight=weight)

    assert (len(cache), cache.weight) == (1, 50)
    cache.clear()
    assert (len(cache), cache.weight) == (0, 0)


def test_cache_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        LruCache(0)


def test_newest_entries_come_first() -> None:
    cache: LruCache[str, int] = LruCache(3)
    for key in "abc":
        cache.put(key, 1)
    cache.get("a")

    assert cache.newest(2) == ["a", "c"]
    assert cache.statistics() == {"entries": 3, "size": 3, "hits": 1, "misses": 0}
