"""Complete values: nulls, lists and leaves.

Follows CompleteValue and "Handling Execution Errors" of the specification
(https://spec.graphql.org/draft/#sec-Executing-Selection-Sets): a null in a non-null position
removes the nearest nullable value around it. Leaf values stay as the subgraph sent them; what a
subgraph guarantees by its schema is checked only where an answer that breaks it would break the
API's own promise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import GraphQLEnumType, GraphQLScalarType

from supergraph.error_codes import runtime as codes
from supergraph.executor.errors import ErrorList
from supergraph.names import ResponsePath

__all__ = [
    "Completer",
    "Later",
    "NulledError",
    "Place",
    "Request",
    "as_it_is",
    "enum_of",
    "invalid",
    "list_of",
    "non_null",
    "nullable",
    "nullable_composite",
    "path_of",
    "scalar_of",
]


class NulledError(Exception):
    """A null that the position it stands in does not allow; caught by the nearest nullable one."""


#: The place of a value as linked cells, so that only an error pays for building the path.
Place: TypeAlias = "tuple[Place, str | int] | None"


class Later:
    """What a completion leaves for later: objects and lists that are `unfinished`.

    `nulls` are the places where no object or list is.
    """

    __slots__ = ("nulls", "unfinished")

    def __init__(self) -> None:
        self.unfinished: list[Any] = []
        self.nulls: list[Place] = []


@dataclass(frozen=True, slots=True)
class Request:
    """What one completion is for; without `later` nothing may be left."""

    variables: Mapping[str, Any]
    errors: ErrorList
    later: Later | None = None


Completer: TypeAlias = Callable[[Any, Place, Request], Any]


def as_it_is(value: Any, _place: Place, _request: Request) -> Any:
    """Nothing is promised about the value, or graphql-core has completed it."""
    return value


def nullable(complete: Completer) -> Completer:
    """A null is taken, and stands for what cannot be completed."""

    def complete_nullable(value: Any, place: Place, request: Request) -> Any:
        if value is None:
            return None
        try:
            return complete(value, place, request)
        except NulledError:
            return None

    return complete_nullable


def nullable_composite(complete: Completer) -> Completer:
    """The same of an object or a list, whose null is noted."""

    def complete_composite(value: Any, place: Place, request: Request) -> Any:
        if value is not None:
            try:
                return complete(value, place, request)
            except NulledError:
                pass
        if request.later is not None:
            request.later.nulls.append(place)
        return None

    return complete_composite


def non_null(complete: Completer) -> Completer:
    """A null is not taken, and told unless an error explains it."""

    def complete_non_null(value: Any, place: Place, request: Request) -> Any:
        if value is None:
            path = path_of(place)
            if not request.errors.explains_null_at(path):
                message = "A subgraph answered null for a field that cannot be null."
                request.errors.add(codes.UNEXPECTED_NULL, message, path, {})
            raise NulledError
        return complete(value, place, request)

    return complete_non_null


def list_of(complete_item: Completer) -> Completer:
    """A list of items."""

    def complete_list(value: Any, place: Place, request: Request) -> Any:
        if not isinstance(value, list):
            raise invalid(request, place, "a list")
        return [complete_item(item, (place, index), request) for index, item in enumerate(value)]

    return complete_list


def enum_of(type_: GraphQLEnumType) -> Completer:
    """A value of an enum, as the API schema has it."""
    values = frozenset(type_.values)

    def complete_enum(value: Any, place: Place, request: Request) -> Any:
        # A value that `@inaccessible` hides is unknown to the API schema, and must not leak.
        if not isinstance(value, str) or value not in values:
            raise invalid(request, place, f"a value of the enum {type_.name}")
        return value

    return complete_enum


_SCALAR_CLASSES: Mapping[str, type | tuple[type, ...]] = {
    "Int": int,
    "Float": (int, float),
    "String": str,
    "ID": (str, int),
    "Boolean": bool,
}


def scalar_of(type_: GraphQLScalarType) -> Completer:
    """A value of a scalar; any value is one of a custom scalar."""
    classes = _SCALAR_CLASSES.get(type_.name)
    if classes is None:
        return as_it_is  # a custom scalar means what its subgraph says it means
    accepts_bool = type_.name == "Boolean"

    def complete_scalar(value: Any, place: Place, request: Request) -> Any:
        if not isinstance(value, classes) or (isinstance(value, bool) and not accepts_bool):
            raise invalid(request, place, f"a value of the scalar {type_.name}")
        return value

    return complete_scalar


def invalid(request: Request, place: Place, expected: str) -> NulledError:
    """Tell that a value is not what its type says, and what is to be raised."""
    message = f"A subgraph's value is not {expected}."
    request.errors.add(codes.INVALID_SUBGRAPH_VALUE, message, path_of(place), {})
    return NulledError()


def path_of(place: Place) -> ResponsePath:
    """The place as a response path."""
    keys: list[str | int] = []
    while place is not None:
        place, key = place
        keys.append(key)
    return tuple(reversed(keys))
