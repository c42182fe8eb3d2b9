"""Find the objects at a flatten path."""

from collections.abc import Iterator
from typing import Any

from supergraph.names import ResponsePath, TypeName
from supergraph.planner.plan_nodes import FlattenPath, ItemSegment, KeySegment

__all__ = ["is_one_of", "objects_at", "targets_at"]


def objects_at(
    value: Any, path: FlattenPath, position: ResponsePath = ()
) -> Iterator[tuple[dict[str, Any], ResponsePath]]:
    """Every object at the path, with its position in the response; nulls are passed over."""
    if value is None:
        return
    if not path:
        if isinstance(value, dict):
            yield value, position
        return
    segment, rest = path[0], path[1:]
    if isinstance(segment, KeySegment):
        if isinstance(value, dict):
            key = segment.response_key
            yield from objects_at(value.get(key), rest, (*position, key))
    elif isinstance(segment, ItemSegment):
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from objects_at(item, rest, (*position, index))
    elif isinstance(value, dict) and is_one_of(value.get("__typename"), segment.type_names):
        yield from objects_at(value, rest, position)


def targets_at(root: Any, path: FlattenPath) -> list[dict[str, Any]]:
    """The objects of `objects_at`, without their positions."""
    found = [root]
    for segment in path:
        if isinstance(segment, KeySegment):
            key = segment.response_key
            found = [value[key] for value in found if isinstance(value, dict) and key in value]
        elif isinstance(segment, ItemSegment):
            found = [item for value in found if isinstance(value, list) for item in value]
        else:
            names = segment.type_names
            found = [
                value
                for value in found
                if isinstance(value, dict) and is_one_of(value.get("__typename"), names)
            ]
    return [value for value in found if isinstance(value, dict)]


def is_one_of(type_name: Any, type_names: frozenset[TypeName]) -> bool:
    """Whether what a subgraph sent as `__typename` is one of the names."""
    return isinstance(type_name, str) and type_name in type_names
