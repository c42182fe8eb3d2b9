"""Complete the client's response from the merged data.

Follows CompleteValue and "Handling Execution Errors" of the specification
(https://spec.graphql.org/draft/#sec-Executing-Selection-Sets): a null in a non-null position
removes the nearest nullable value around it. Leaf values stay as the subgraph sent them; what a
subgraph guarantees by its schema is checked only where an answer that breaks it would break the
API's own promise.

The work is split: a selection is compiled once per plan into closures, one per field and object
type; a request only calls them. For answers in which nothing is wrong `codegen.projection` does the
same faster.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    is_abstract_type,
    is_object_type,
)

from supergraph.error_codes import runtime as codes
from supergraph.errors import broken_invariant
from supergraph.executor.errors import ErrorList
from supergraph.executor.selected_fields import SelectedField, SelectedFields, any_holds
from supergraph.names import ResponsePath, TypeName
from supergraph.planner.operation import Conditions, Selections

__all__ = ["Projection", "compile_projection"]


class _NulledError(Exception):
    """A null that the position it stands in does not allow; caught by the nearest nullable one."""


@dataclass(frozen=True, slots=True)
class _Request:
    variables: Mapping[str, Any]
    errors: ErrorList


#: The place of a value as linked cells, so that only an error pays for building the path.
_Place: TypeAlias = "tuple[_Place, str | int] | None"
_Completer: TypeAlias = Callable[[Any, _Place, _Request], Any]


@dataclass(frozen=True, slots=True)
class _FieldPlan:
    """A response key of an object type. It counts when one of the alternatives holds."""

    response_key: str
    alternatives: tuple[Conditions, ...]
    complete: _Completer | None  # None: the field is `__typename`


class Projection:
    """Shapes merged data to an operation's selection."""

    def __init__(self, complete_root: _Completer) -> None:
        self._complete_root = complete_root

    def project(
        self, data: dict[str, Any], variables: Mapping[str, Any], errors: ErrorList
    ) -> dict[str, Any] | None:
        """The response's `data`; what had to be nulled is explained in `errors`."""
        try:
            return self._complete_root(data, None, _Request(variables, errors))  # type: ignore[no-any-return] # an object
        except _NulledError:
            return None


def compile_projection(
    schema: GraphQLSchema, root_type: TypeName, selections: Selections
) -> Projection:
    """Compile an operation's selections against the API schema."""
    root = schema.type_map[root_type]
    return Projection(_Compiler(schema).object_of(root, selections))


class _Compiler:
    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._fields = SelectedFields(schema)

    def of_type(self, type_: GraphQLOutputType, selections: Selections) -> _Completer:
        if isinstance(type_, GraphQLNonNull):
            return _non_null(self._of_nullable(type_.of_type, selections))
        return _nullable(self._of_nullable(type_, selections))

    def _of_nullable(self, type_: GraphQLOutputType, selections: Selections) -> _Completer:
        """A completer for values that are not null."""
        if isinstance(type_, GraphQLList):
            return _list(self.of_type(type_.of_type, selections))
        if isinstance(type_, GraphQLEnumType):
            return _enum(type_)
        if isinstance(type_, GraphQLScalarType):
            return _scalar(type_)
        if isinstance(type_, GraphQLNonNull):
            broken_invariant("non-null is not nested in non-null")
        return self.object_of(type_, selections)

    def object_of(self, type_: GraphQLNamedType, selections: Selections) -> _Completer:
        if is_object_type(type_):
            name = type_.name
            fields: list[_FieldPlan] | None = None

            def complete_object(value: Any, place: _Place, request: _Request) -> Any:
                nonlocal fields
                if fields is None:  # on first use: most types of a wide operation never occur
                    fields = self._fields_of(name, selections)
                if not isinstance(value, dict):
                    raise _invalid(request, place, f"a value of the object type {name}")
                return _complete_fields(fields, name, value, place, request)

            return complete_object
        return self._abstract(type_, selections)

    def _abstract(self, type_: GraphQLNamedType, selections: Selections) -> _Completer:
        if not is_abstract_type(type_):
            broken_invariant(f"{type_.name} is an output type")
        possible = {item.name for item in self._schema.get_possible_types(type_)}
        fields_by_type: dict[str, list[_FieldPlan]] = {}

        # A value whose concrete type no subgraph was asked for (an interface object's) is completed
        # as the interface: the planner asks for the type wherever the selection depends on it.
        untyped = type_.name if isinstance(type_, GraphQLInterfaceType) else None

        def complete_abstract(value: Any, place: _Place, request: _Request) -> Any:
            name = value.get("__typename", untyped) if isinstance(value, dict) else None
            if not isinstance(name, str) or (name not in possible and name != untyped):
                raise _invalid(request, place, f"an object of a type that {type_.name} can have")
            fields = fields_by_type.get(name)
            if fields is None:
                fields = fields_by_type[name] = self._fields_of(name, selections)
            return _complete_fields(fields, name, value, place, request)

        return complete_abstract

    def _fields_of(self, type_name: str, selections: Selections) -> list[_FieldPlan]:
        return [self._field_plan(field) for field in self._fields.of(type_name, selections)]

    def _field_plan(self, field: SelectedField) -> _FieldPlan:
        complete: _Completer | None
        if field.type is not None:
            complete = self.of_type(field.type, field.selections)
        else:
            complete = None if field.name == "__typename" else _as_it_is
        return _FieldPlan(field.response_key, field.alternatives, complete)


def _complete_fields(
    fields: list[_FieldPlan],
    type_name: str,
    value: dict[str, Any],
    place: _Place,
    request: _Request,
) -> dict[str, Any]:
    completed: dict[str, Any] = {}
    for field in fields:
        if field.alternatives and not any_holds(field.alternatives, request.variables):
            continue
        key = field.response_key
        if field.complete is None:
            completed[key] = type_name
        else:
            completed[key] = field.complete(value.get(key), (place, key), request)
    return completed


def _as_it_is(value: Any, _place: _Place, _request: _Request) -> Any:
    return value  # introspection was completed by graphql-core


def _nullable(complete: _Completer) -> _Completer:
    def complete_nullable(value: Any, place: _Place, request: _Request) -> Any:
        if value is None:
            return None
        try:
            return complete(value, place, request)
        except _NulledError:
            return None

    return complete_nullable


def _non_null(complete: _Completer) -> _Completer:
    def complete_non_null(value: Any, place: _Place, request: _Request) -> Any:
        if value is None:
            path = _path(place)
            if not request.errors.explains_null_at(path):
                message = "A subgraph answered null for a field that cannot be null."
                request.errors.add(codes.UNEXPECTED_NULL, message, path, {})
            raise _NulledError
        return complete(value, place, request)

    return complete_non_null


def _list(complete_item: _Completer) -> _Completer:
    def complete_list(value: Any, place: _Place, request: _Request) -> Any:
        if not isinstance(value, list):
            raise _invalid(request, place, "a list")
        return [complete_item(item, (place, index), request) for index, item in enumerate(value)]

    return complete_list


def _enum(type_: GraphQLEnumType) -> _Completer:
    values = frozenset(type_.values)

    def complete_enum(value: Any, place: _Place, request: _Request) -> Any:
        # A value that `@inaccessible` hides is unknown to the API schema, and must not leak.
        if not isinstance(value, str) or value not in values:
            raise _invalid(request, place, f"a value of the enum {type_.name}")
        return value

    return complete_enum


_SCALAR_CLASSES: Mapping[str, type | tuple[type, ...]] = {
    "Int": int,
    "Float": (int, float),
    "String": str,
    "ID": (str, int),
    "Boolean": bool,
}


def _scalar(type_: GraphQLScalarType) -> _Completer:
    classes = _SCALAR_CLASSES.get(type_.name)
    if classes is None:
        return _as_it_is  # a custom scalar means what its subgraph says it means
    accepts_bool = type_.name == "Boolean"

    def complete_scalar(value: Any, place: _Place, request: _Request) -> Any:
        if not isinstance(value, classes) or (isinstance(value, bool) and not accepts_bool):
            raise _invalid(request, place, f"a value of the scalar {type_.name}")
        return value

    return complete_scalar


def _invalid(request: _Request, place: _Place, expected: str) -> _NulledError:
    message = f"A subgraph's value is not {expected}."
    request.errors.add(codes.INVALID_SUBGRAPH_VALUE, message, _path(place), {})
    return _NulledError()


def _path(place: _Place) -> ResponsePath:
    keys: list[str | int] = []
    while place is not None:
        place, key = place
        keys.append(key)
    return tuple(reversed(keys))
