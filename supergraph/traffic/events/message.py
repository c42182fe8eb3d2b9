"""From an event to the data that an operation selects of it."""

from collections.abc import Mapping
from itertools import repeat
from typing import Any

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from supergraph.errors import broken_invariant
from supergraph.federation.event_streams import EventStream
from supergraph.names import TypeName

__all__ = ["IncompleteMessageError", "Projection"]


class IncompleteMessageError(Exception):
    """The event does not tell all that the message field set promises."""


class Projection:
    """Picks what a selection set asks for out of events.

    The planner selects nothing that the message does not have; an event that lacks it raises
    `IncompleteMessageError`, and says no more than that something changed.
    """

    def __init__(self, stream: EventStream, selection_set: SelectionSetNode) -> None:
        self._stream = stream
        self._selection_set = selection_set

    def of(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The selected data of an event."""
        data: dict[str, Any] = {}
        self._select(message, self._selection_set, self._stream.type_name, data)
        return data

    def _select(
        self,
        value: Mapping[str, Any],
        selection_set: SelectionSetNode,
        declared: TypeName | None,
        data: dict[str, Any],
    ) -> None:
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                self._field(value, node, declared, data)
                continue
            if not isinstance(node, InlineFragmentNode):
                broken_invariant("the planner writes no named fragments")
            condition = node.type_condition
            if condition is None or self._is(value, declared, condition.name.value):
                self._select(value, node.selection_set, declared, data)

    def _field(
        self,
        value: Mapping[str, Any],
        node: FieldNode,
        declared: TypeName | None,
        data: dict[str, Any],
    ) -> None:
        name = node.name.value
        key = node.alias.value if node.alias else name
        if name == "__typename":
            data[key] = self._type_of(value, declared)
            return
        if name not in value:
            raise IncompleteMessageError(name)
        found = value[name]
        if node.selection_set is not None:
            types = self._stream.field_types.get(TypeName(self._type_of(value, declared)), {})
            found = self._nested(found, node.selection_set, types.get(name), data.get(key))
        data[key] = found

    def _nested(
        self, value: Any, selection_set: SelectionSetNode, declared: TypeName | None, before: Any
    ) -> Any:
        """What is selected of a field's value, with what an earlier selection took of the same."""
        if isinstance(value, list):
            earlier = before or repeat(None)
            return [
                self._nested(item, selection_set, declared, found)
                for item, found in zip(value, earlier, strict=False)
            ]
        if isinstance(value, Mapping):
            data: dict[str, Any] = before or {}
            self._select(value, selection_set, declared, data)
            return data
        return value

    def _is(self, value: Mapping[str, Any], declared: TypeName | None, condition: str) -> bool:
        name = self._type_of(value, declared)
        if name == condition:
            return True
        return name in self._stream.object_types.get(TypeName(condition), ())

    def _type_of(self, value: Mapping[str, Any], declared: TypeName | None) -> str:
        name = value.get("__typename")
        if isinstance(name, str):
            return name
        if declared is None or declared in self._stream.object_types:
            raise IncompleteMessageError("__typename")
        return declared
