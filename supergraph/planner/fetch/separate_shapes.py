"""Give fields of different shapes different response keys within one request.

Under one response key all fields of a request must have the same shape, even those of types that
exclude each other (https://spec.graphql.org/draft/#SameResponseShape()). The client's operation
keeps that rule for the API schema, but a subgraph may declare one of the fields nullable and the
other not. Such a field is asked for under a key of its own, and put back under the client's when
the answer comes.
"""

from collections.abc import Iterable, Iterator
from itertools import count

from supergraph.planner.fetch.selection import FetchField, FetchSelection
from supergraph.planner.plan_nodes import FlattenPath, ItemSegment, KeyRenamer, KeySegment

__all__ = ["separate_shapes"]


def separate_shapes(selection: FetchSelection) -> tuple[KeyRenamer, ...]:
    """Rename what collides, in place; the result undoes it, outer objects first."""
    if not _has_shared_keys(selection):
        return ()
    return tuple(_separate([selection], (), count()))


def _has_shared_keys(selection: FetchSelection) -> bool:
    """Whether anywhere two fields stand under one response key; they seldom do."""
    keys: set[str] = set()
    for item in _fields_at((selection,)):
        if item.response_key in keys:
            return True
        keys.add(item.response_key)
        if item.selection is not None and _has_shared_keys(item.selection):
            return True
    return False


def _separate(
    selections: list[FetchSelection], path: FlattenPath, numbers: Iterator[int]
) -> Iterator[KeyRenamer]:
    groups: dict[str, list[FetchField]] = {}
    for item in _fields_at(selections):
        groups.setdefault(item.response_key, []).append(item)
    inner: list[tuple[FlattenPath, list[FetchSelection]]] = []
    for key, group in groups.items():
        if len(group) == 1 and group[0].selection is None:
            continue
        by_shape: dict[str, list[FetchField]] = {}
        for item in group:
            by_shape.setdefault(item.shape, []).append(item)
        for index, (shape, items) in enumerate(by_shape.items()):
            if index:
                renamed = _free_key(key, groups, numbers)
                for item in items:
                    item.response_key = renamed
                yield KeyRenamer(path, renamed, key)
            below = [item.selection for item in items if item.selection is not None]
            if below:
                items_below = (ItemSegment(),) * shape.count("[")
                inner.append(((*path, KeySegment(key), *items_below), below))
    for inner_path, below in inner:
        yield from _separate(below, inner_path, numbers)


def _fields_at(selections: Iterable[FetchSelection]) -> Iterator[FetchField]:
    """The fields at one place of the response, those in fragments included."""
    for selection in selections:
        yield from selection.fields.values()
        yield from _fields_at(selection.fragments.values())


def _free_key(key: str, groups: dict[str, list[FetchField]], numbers: Iterator[int]) -> str:
    while True:
        candidate = f"_{key}_{next(numbers)}"
        if candidate not in groups:
            return candidate
