"""Find the objects at a flatten path."""

from collections.abc import Iterator
from typing import Any

from supergraph.names import ResponsePath
from supergraph.planner.plan_nodes import FlattenPath, ItemSegment, KeySegment

__all__ = ["objects_at"]


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
    elif isinstance(value, dict) and value.get("__typename") in segment.type_names:
        yield from objects_at(value, rest, position)
