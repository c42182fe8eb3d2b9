"""Values that an object's fields read from contexts: from objects above it in the response."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from supergraph.executor.flatten import is_one_of
from supergraph.planner.plan_nodes import (
    ContextValue,
    FlattenPath,
    ItemSegment,
    KeySegment,
    RequiredField,
    RequiredSelection,
)

__all__ = ["MISSING", "context_value", "objects_with_above"]

#: In place of a value that never arrived: the fetch that had to bring it failed.
MISSING = object()

#: The objects that lead to another, one for each response key, the outermost first.
Above: TypeAlias = tuple[dict[str, Any], ...]


def objects_with_above(
    value: Any, path: FlattenPath, above: Above = ()
) -> Iterator[tuple[dict[str, Any], Above]]:
    """Every object at the path, with those above it; see `flatten.objects_at`."""
    if not path:
        if isinstance(value, dict):
            yield value, above
        return
    segment, rest = path[0], path[1:]
    if isinstance(segment, ItemSegment):
        if isinstance(value, list):
            for item in value:
                yield from objects_with_above(item, rest, above)
    elif not isinstance(value, dict):
        return
    elif isinstance(segment, KeySegment):
        yield from objects_with_above(value.get(segment.response_key), rest, (*above, value))
    elif is_one_of(value.get("__typename"), segment.type_names):
        yield from objects_with_above(value, rest, above)


def context_value(context: ContextValue, above: Above) -> Any:
    """The value that the nearest object with the context has; it can be null, or MISSING."""
    for source in context.sources:
        place = above[source.level]
        if source.type_names is None or is_one_of(place.get("__typename"), source.type_names):
            return _selected(place, source.selections)
    return MISSING


def _selected(place: dict[str, Any], selections: tuple[RequiredSelection, ...]) -> Any:
    """The one value that the selections come to; null where none is for the object's type."""
    for selection in selections:
        if isinstance(selection, RequiredField):
            found = place.get(selection.response_key, MISSING)
            return _value(found, selection.selections) if selection.selections else found
        if is_one_of(place.get("__typename"), selection.type_names):
            return _selected(place, selection.selections)
    return None


def _value(value: Any, selections: tuple[RequiredSelection, ...]) -> Any:
    if isinstance(value, list):
        items = [_value(item, selections) for item in value]
        return MISSING if MISSING in items else items
    return _selected(value, selections) if isinstance(value, dict) else value
