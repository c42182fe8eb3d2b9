"""Coercing an operation's variables, prepared once per operation.

https://spec.graphql.org/draft/#sec-Coercing-Variable-Values

What clients usually send (JSON of just the declared types) is taken by functions made for the
operation. They know no error: whatever they are not sure of goes to graphql-core, whose result
and whose wording count. So they may leave out a case, but never answer one differently.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    Undefined,
    VariableDefinitionNode,
    coerce_input_literal,
    coerce_input_value,
    get_variable_values,
    is_leaf_type,
    is_required_input_field,
    type_from_ast,
)
from graphql.type import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT

__all__ = ["CoerceVariables", "compile_variables"]

#: The coerced variables, or the reasons why there are none.
CoerceVariables: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any] | list[GraphQLError]]

_Coerce: TypeAlias = Callable[[Any], Any]
#: Errors reported about one request's variables; more would help nobody.
VARIABLE_ERRORS_MAX = 20

_REQUIRED, _OMITTED = object(), object()


class _UnsureError(Exception):
    """A value, or at first a type, that is left to graphql-core."""


def compile_variables(
    operation: OperationDefinitionNode, schema: GraphQLSchema, *, hide_suggestions: bool
) -> CoerceVariables:
    """What turns the variables that clients send with an operation into those it runs with."""
    definitions = operation.variable_definitions
    if not definitions:
        return _none

    def slowly(given: Mapping[str, Any]) -> dict[str, Any] | list[GraphQLError]:
        result = get_variable_values(
            schema, definitions, dict(given), VARIABLE_ERRORS_MAX, hide_suggestions
        )
        return result if isinstance(result, list) else result.coerced

    try:
        variables = [_variable(node, schema) for node in definitions]
    except _UnsureError:
        return slowly

    def coerce(given: Mapping[str, Any]) -> dict[str, Any] | list[GraphQLError]:
        try:
            return _coerced(variables, given)
        except _UnsureError:
            return slowly(given)

    return coerce


def _none(_: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _coerced(variables: list[tuple[str, _Coerce, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    coerced = {}
    for name, coerce, absent in variables:
        if name in given:
            coerced[name] = coerce(given[name])
        elif absent is not _OMITTED:
            coerced[name] = _instead(absent)
    return coerced


def _variable(node: VariableDefinitionNode, schema: GraphQLSchema) -> tuple[str, _Coerce, Any]:
    """A variable's name, how its value is coerced, and what stands for none."""
    name = node.variable.name.value
    type_ = type_from_ast(schema, node.type)
    absent = _REQUIRED if isinstance(type_, GraphQLNonNull) else _OMITTED
    if node.default_value is not None:
        result = get_variable_values(schema, [node], {})
        if isinstance(result, list):
            raise _UnsureError
        absent = result.coerced[name]
    return name, _of_type(type_, ()), absent


def _of_type(type_: Any, inside: tuple[GraphQLInputObjectType, ...]) -> _Coerce:
    if isinstance(type_, GraphQLNonNull):
        return _present(type_.of_type, inside)
    coerce = _present(type_, inside)
    return lambda value: None if value is None else coerce(value)


def _present(type_: Any, inside: tuple[GraphQLInputObjectType, ...]) -> _Coerce:
    """Coerces what is not null."""
    if isinstance(type_, GraphQLList):
        return _list(_of_type(type_.of_type, inside))
    if isinstance(type_, GraphQLInputObjectType):
        # Of a type that contains itself a value may be too deep, which graphql-core counts.
        if type_ in inside or type_.is_one_of:
            raise _UnsureError
        return _input_object(type_, (*inside, type_))
    known = _BUILT_IN.get(type_)
    if known is not None:
        return known
    if not is_leaf_type(type_):
        raise _UnsureError
    return _leaf(type_)


def _list(coerce_item: _Coerce) -> _Coerce:
    def coerce(value: Any) -> list[Any]:
        if type(value) is not list:
            raise _UnsureError
        return [coerce_item(item) for item in value]

    return coerce


def _input_object(
    type_: GraphQLInputObjectType, inside: tuple[GraphQLInputObjectType, ...]
) -> _Coerce:
    fields = [
        (name, field.out_name or name, _of_type(field.type, inside), _absent(field))
        for name, field in type_.fields.items()
    ]

    def coerce(value: Any) -> Any:
        if type(value) is not dict:
            raise _UnsureError
        coerced = {}
        found = 0
        for name, out_name, coerce_field, absent in fields:
            if name in value:
                found += 1
                coerced[out_name] = coerce_field(value[name])
            elif absent is not _OMITTED:
                coerced[out_name] = _instead(absent)
        if found != len(value):  # there are fields that the type does not have
            raise _UnsureError
        return type_.out_type(coerced)

    return coerce


def _absent(field: GraphQLInputField) -> Any:
    """What stands for a field that is not sent."""
    if is_required_input_field(field):
        return _REQUIRED
    default = field.default
    if default is None:
        if field.default_value is not Undefined:
            raise _UnsureError
        return _OMITTED
    if default.literal is not None:
        value = coerce_input_literal(default.literal, field.type)
    else:
        value = coerce_input_value(default.value, field.type)
    return _known(value)


def _instead(absent: Any) -> Any:
    """A value of its own for each request, in place of one that was not sent."""
    if absent is _REQUIRED:
        raise _UnsureError
    return deepcopy(absent) if isinstance(absent, (dict, list)) else absent


def _known(value: Any) -> Any:
    if value is Undefined:
        raise _UnsureError
    return value


def _leaf(type_: Any) -> _Coerce:
    def coerce(value: Any) -> Any:
        if value is None:  # where the type is non-null; the scalar itself might take it
            raise _UnsureError
        try:
            coerced = type_.coerce_input_value(value)
        except Exception as error:
            raise _UnsureError from error
        return _known(coerced)

    return coerce


def _string(value: Any) -> str:
    if type(value) is str:
        return value
    raise _UnsureError


def _boolean(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise _UnsureError


def _int(value: Any) -> int:
    if type(value) is int and GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT:
        return value
    raise _UnsureError


_BUILT_IN: dict[Any, _Coerce] = {
    GraphQLBoolean: _boolean,
    GraphQLID: _string,
    GraphQLInt: _int,
    GraphQLString: _string,
}
