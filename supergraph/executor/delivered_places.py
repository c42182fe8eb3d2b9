"""Where objects and lists were delivered, and where nulls: so they stay, whatever comes later.

A part may find an object where another found none, when its own request was answered and that of
the other was not, or when it selects less. Delivered after all, the object would lack what the
other selects. The other way round, a null would take away what the client has already, and what
still follows into it.
"""

from collections.abc import Iterable
from typing import Any

from supergraph.names import ResponsePath

__all__ = ["DeliveredNulls", "DeliveredObjects", "is_there"]


class DeliveredObjects:
    """The data that was delivered, by the place it was delivered for."""

    def __init__(self) -> None:
        self._data: dict[ResponsePath, list[Any]] = {}

    def add(self, path: ResponsePath, data: Any) -> None:
        """Note what was delivered for a place."""
        self._data.setdefault(path, []).append(data)

    def has_any(self, paths: Iterable[ResponsePath]) -> bool:
        """Whether something other than null is at one of the paths."""
        return any(map(self._has, paths))

    def _has(self, path: ResponsePath) -> bool:
        return any(
            is_there(data, path[length:])
            for length in range(len(path) + 1)
            for data in self._data.get(path[:length], ())
        )


def is_there(data: Any, path: ResponsePath) -> bool:
    """Whether a value other than null is at the path."""
    for key in path:
        if isinstance(data, list):
            data = data[key] if isinstance(key, int) and key < len(data) else None
        else:
            data = data.get(key) if isinstance(data, dict) else None
    return data is not None


class DeliveredNulls:
    """Their places, as a tree of the keys that lead there; a leaf of it is null."""

    def __init__(self) -> None:
        self._tree: dict[str | int, Any] = {}

    def add(self, path: ResponsePath) -> None:
        """Note a place that is null."""
        tree = self._tree
        for key in path[:-1]:
            below = tree.get(key)
            if below is None:
                below = {}
                tree[key] = below
            elif not below:
                return  # and so is one above it
            tree = below
        tree[path[-1]] = {}

    def keep(self, path: ResponsePath, data: dict[str, Any]) -> None:
        """Make null in the data of an object, at the path, what was null before."""
        tree = self._tree
        for key in path:
            tree = tree.get(key, {})
        if tree:
            _keep(tree, data)


def _keep(tree: dict[str | int, Any], data: Any) -> None:
    for key, below in tree.items():
        if isinstance(data, list):
            is_there = isinstance(key, int) and key < len(data)
        else:
            is_there = isinstance(data, dict) and key in data
        if not is_there:
            continue
        if below:
            _keep(below, data[key])
        else:
            data[key] = None
