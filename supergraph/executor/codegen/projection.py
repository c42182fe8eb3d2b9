"""Generate the projection of answers in which nothing is wrong.

Mostly all of a response is one record (see `records`). Where it depends on the concrete types of
objects or on variables, one function for each object type and selection builds the response's
object in one expression, checking every value on the way. At the first value that the API schema
does not allow (a null in a non-null place, a missing field, a string for an Int) either gives up,
and the general projection does the whole again, with the errors and nulls of the specification.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    is_abstract_type,
)

from supergraph.executor.codegen.records import Record, Records
from supergraph.executor.codegen.source import SOURCE_LINES_MAX, Source, function_from
from supergraph.executor.selected_fields import SelectedField, SelectedFields, any_holds
from supergraph.names import TypeName
from supergraph.planner.operation import Conditions, Selections

__all__ = ["FastProjection", "UnusualError", "generate_projection"]


class UnusualError(Exception):
    """Not an answer for generated code: the general projection has to look at it."""


#: Shapes merged data into what `msgspec` encodes as the response, or raises `UnusualError`.
FastProjection: TypeAlias = Callable[[dict[str, Any], Mapping[str, Any]], Any]

_Alternatives: TypeAlias = tuple[Conditions, ...]

#: The test that a value is of a scalar; `bool` is a class of its own here, and not an `int`.
_SCALAR_TESTS = {
    "Int": "{0}.__class__ is int",
    "Float": "({0}.__class__ is float or {0}.__class__ is int)",
    "String": "{0}.__class__ is str",
    "ID": "({0}.__class__ is str or {0}.__class__ is int)",
    "Boolean": "{0}.__class__ is bool",
}


def generate_projection(
    schema: GraphQLSchema, root_type: TypeName, selections: Selections
) -> FastProjection | None:
    """A function that does what `projection` does where nothing is wrong.

    None where the code would be too long: wide selections on types with many implementations.
    """
    writer = _Writer(schema)
    root = writer.object_function(schema.type_map[root_type], selections)
    if writer.is_too_long:
        return None
    build = function_from(writer.source, root)
    alternatives = tuple(writer.alternatives)

    def project(data: dict[str, Any], variables: Mapping[str, Any]) -> Any:
        holds = tuple([any_holds(item, variables) for item in alternatives])
        try:
            return build(data, holds)
        except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
            raise UnusualError from error

    return project


def _give_up(*_: object) -> Any:
    raise UnusualError


class _Writer:
    def __init__(self, schema: GraphQLSchema) -> None:
        self.source = Source()
        self.alternatives: dict[_Alternatives, int] = {}
        self._schema = schema
        self._fields = SelectedFields(schema)
        self._records = Records(self._fields)
        self._functions: dict[tuple[str, Selections], str] = {}
        self._give_up = self.source.constant(_give_up)
        self._convert = self.source.constant(msgspec.convert)

    @property
    def is_too_long(self) -> bool:
        return len(self.source.lines) > SOURCE_LINES_MAX

    def object_function(self, type_: GraphQLNamedType, selections: Selections) -> str:
        """The name of the function for values of a composite type that are not null."""
        key = (type_.name, selections)
        name = self._functions.get(key)
        if name is None and self.is_too_long:
            return self._give_up
        if name is None:
            if isinstance(type_, GraphQLObjectType):
                record = self._records.record(type_, selections)
                if record is None:
                    name = self._write_object(type_.name, selections)
                else:
                    name = self._write_record(record)
            else:
                name = self._write_dispatch(type_, selections)
            self._functions[key] = name
        return name

    def _write_record(self, record: Record) -> str:
        name = f"record{len(self.source.lines)}"
        self.source.function(f"{name}(value, holds)")
        self.source.write(0, f"return {self._convert}(value, {self.source.constant(record)})")
        return name

    def _write_object(self, type_name: str, selections: Selections) -> str:
        """Functions stand before those that call them, since calls are written while they are."""
        parts = [
            (field, self._field(type_name, field))
            for field in self._fields.of(type_name, selections)
        ]
        name = f"object{len(self.source.lines)}"
        source = self.source
        source.function(f"{name}(value, holds)")
        # What has no field read from it could be anything.
        source.write(0, f"if value.__class__ is not dict: {self._give_up}()")
        always = []
        while parts and not parts[0][0].alternatives:
            field, expression = parts.pop(0)
            always.append(f"{source.constant(field.response_key)}: {expression}")
        if not parts:
            source.write(0, f"return {{{', '.join(always)}}}")
            return name
        source.write(0, f"found = {{{', '.join(always)}}}")
        for field, expression in parts:
            assignment = f"found[{source.constant(field.response_key)}] = {expression}"
            if field.alternatives:
                number = self.alternatives.setdefault(field.alternatives, len(self.alternatives))
                assignment = f"if holds[{number}]: {assignment}"
            source.write(0, assignment)
        source.write(0, "return found")
        return name

    def _write_dispatch(self, type_: GraphQLNamedType, selections: Selections) -> str:
        if not is_abstract_type(type_):
            return self._give_up
        names = sorted(item.name for item in self._schema.get_possible_types(type_))
        functions = [
            self.object_function(self._schema.type_map[name], selections) for name in names
        ]
        untyped = None
        if isinstance(type_, GraphQLInterfaceType):
            # Of an interface object no subgraph was asked for the concrete type.
            untyped = self._write_object(type_.name, selections)
        name = f"dispatch{len(self.source.lines)}"
        source = self.source
        choices = ", ".join(
            f"{source.constant(item)}: {function}"
            for item, function in zip(names, functions, strict=True)
        )
        source.lines.append(f"  {name}_by_type = {{{choices}}}")
        if untyped is not None:
            own = source.constant(type_.name)
            source.lines.append(f"  {name}_by_type[{own}] = {untyped}")
        default = f", {source.constant(type_.name)}" if untyped is not None else ""
        type_name = f"value.get({source.constant('__typename')}{default})"
        source.function(f"{name}(value, holds)")
        source.write(0, f"if value.__class__ is not dict: {self._give_up}()")
        source.write(0, f"return {name}_by_type[{type_name}](value, holds)")
        return name

    def _field(self, type_name: str, field: SelectedField) -> str:
        if field.type is None and field.name == "__typename":
            return self.source.constant(type_name)
        value = f"value[{self.source.constant(field.response_key)}]"
        if field.type is None:
            return value
        return self._completed(f"(v := {value})", "v", field.type, field.selections)

    def _completed(
        self, first: str, again: str, type_: GraphQLOutputType, selections: Selections
    ) -> str:
        """An expression for the completed value.

        `first` is the value where it is evaluated first, `again` where it is used after that.
        """
        is_nullable = not isinstance(type_, GraphQLNonNull)
        inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        otherwise = f"None if {again} is None else {self._give_up}()"
        if not is_nullable:
            otherwise = f"{self._give_up}()"
        test = self._leaf_test(inner)
        if test is not None:
            # The test names the value several times; only the first one evaluates it.
            test = test.replace("{0}", first, 1).replace("{0}", again)
            return f"({again} if {test} else {otherwise})"
        if isinstance(inner, GraphQLScalarType):  # custom: it means what its subgraph says it means
            if is_nullable:
                return first
            return f"({again} if {first} is not None else {self._give_up}())"
        if isinstance(inner, GraphQLList):
            items = self._list_function(inner, selections)
            return f"({items}({again}, holds) if {first}.__class__ is list else {otherwise})"
        function = self.object_function(inner, selections)
        if is_nullable:
            return f"(None if {first} is None else {function}({again}, holds))"
        return f"{function}({first}, holds)"

    def _leaf_test(self, type_: GraphQLOutputType) -> str | None:
        """The test that a value of a leaf type passes; None for other types."""
        if isinstance(type_, GraphQLEnumType):
            values = self.source.constant(frozenset(type_.values))
            return f"{{0}}.__class__ is str and {{0}} in {values}"
        return _SCALAR_TESTS.get(type_.name) if isinstance(type_, GraphQLScalarType) else None

    def _list_function(self, type_: GraphQLList[Any], selections: Selections) -> str:
        item = self._completed("item", "item", type_.of_type, selections)
        name = f"list{len(self.source.lines)}"
        self.source.function(f"{name}(items, holds)")
        self.source.write(0, f"return [{item} for item in items]")
        return name
