"""Record types for selections: msgspec checks and copies the data into them, all in C.

A record has the client's fields in the client's order, so encoding it writes the response. There
are records for objects whose type the schema knows and whose fields are the same in every request;
an interface or union, and what `@skip` and `@include` decide, is for generated code.
"""

from typing import Any, Literal, TypeAlias
from weakref import WeakValueDictionary

import msgspec
from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
)

from supergraph.executor.selected_fields import SelectedField, SelectedFields
from supergraph.planner.operation import Selections

__all__ = ["Record", "Records"]

#: A type made by `msgspec.defstruct`.
Record: TypeAlias = type[msgspec.Struct]

_SCALARS: dict[str, Any] = {
    "Int": int,
    "Float": int | float,  # 1 stays 1
    "String": str,
    "ID": str | int,
    "Boolean": bool,
}

#: Selections that come to the same record share it, also between plans. An entry goes with the last
#: plan that uses it.
_RECORDS: WeakValueDictionary[tuple[Any, ...], Record] = WeakValueDictionary()


class Records:
    """Makes the records of one plan."""

    def __init__(self, fields: SelectedFields) -> None:
        self._fields = fields
        self._known: dict[tuple[str, Selections], Record | None] = {}

    def record(self, type_: GraphQLObjectType, selections: Selections) -> Record | None:
        """The record for an object type's selections; None where there can be none."""
        key = (type_.name, selections)
        if key not in self._known:
            self._known[key] = self._make(type_.name, selections)
        return self._known[key]

    def _make(self, type_name: str, selections: Selections) -> Record | None:
        members = []
        for field in self._fields.of(type_name, selections):
            member = self._member(type_name, field)
            if member is None:
                return None
            members.append((field.response_key, *member))
        shape = tuple(members)
        found = _RECORDS.get(shape)
        if found is None:
            found = _RECORDS[shape] = _defined(members)
        return found

    def _member(self, type_name: str, field: SelectedField) -> tuple[Any, bool] | None:
        """The field's type, and whether it is there by itself."""
        if field.alternatives:
            return None
        if field.type is not None:
            annotation = self._annotation(field.type, field.selections)
            return None if annotation is None else (annotation, False)
        if field.name == "__typename":
            return Literal[type_name], True
        return Any, False  # introspection, completed already

    def _annotation(self, type_: GraphQLOutputType, selections: Selections) -> Any | None:
        """What a value of the type may be; None where a record cannot say it."""
        if isinstance(type_, GraphQLNonNull):
            inner = self._not_null(type_.of_type, selections)
            # A custom scalar means what its subgraph says it means, but for null.
            return None if inner is Any else inner
        inner = self._not_null(type_, selections)
        return inner if inner is None or inner is Any else inner | None

    def _not_null(self, type_: GraphQLOutputType, selections: Selections) -> Any | None:
        if isinstance(type_, GraphQLList):
            item = self._annotation(type_.of_type, selections)
            return None if item is None else list[item]  # type: ignore[valid-type] # made at run time
        if isinstance(type_, GraphQLEnumType):
            return Literal[tuple(type_.values)]
        if isinstance(type_, GraphQLScalarType):
            return _SCALARS.get(type_.name, Any)
        if isinstance(type_, GraphQLObjectType):
            return self.record(type_, selections)
        return None


def _defined(members: list[tuple[str, Any, bool]]) -> Record:
    """The type. Its attributes have numbers, since a response key may be a word of Python."""
    definitions: list[Any] = []
    for index, (_, annotation, is_constant) in enumerate(members):
        if is_constant:
            [value] = annotation.__args__
            definitions.append((f"f{index}", annotation, value))
        else:
            definitions.append((f"f{index}", annotation))
    keys = {f"f{index}": key for index, (key, _, _) in enumerate(members)}
    # Records are part of no cycle, so the collector need not look at them.
    return msgspec.defstruct("Record", definitions, rename=keys, kw_only=True, gc=False)
