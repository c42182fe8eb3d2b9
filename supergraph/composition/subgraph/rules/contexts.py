"""Contexts are named, set and read in ways that always give the argument a value.

One module for the codes about contexts: they are asked of one application of `@fromContext`, in
the order in which a fault makes the later questions pointless.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import (
    AppliedDirective,
    Argument,
    Field,
    Schema,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.schema.type_ref import named_type
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.directives.context import CONTEXT
from supergraph.federation.directives.from_context import FROM_CONTEXT, read_context
from supergraph.federation.directives.interface_object import INTERFACE_OBJECT
from supergraph.federation.directives.key import KEY
from supergraph.federation.field_set import FieldSetError, Selection, parse_field_set

__all__ = ["contexts"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")


def contexts(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each context that is named, set or read wrongly."""
    setters: dict[str, list[TypeDefinition]] = {}
    for definition in state.schema.types.values():
        for application in definition.applied(CONTEXT.name):
            name = str(application.arguments.get("name"))
            setters.setdefault(name, []).append(definition)
            if not _NAME.fullmatch(name):
                message = f'"{name}" is no name for a context: use letters and digits only.'
                yield state.error(codes.CONTEXT_NAME_INVALID, message, application.position)
    yield from _on_directives(state)
    for parent in state.schema.of_kind(TypeKind.OBJECT, TypeKind.INTERFACE):
        for field in parent.fields.values():
            for argument in field.arguments.values():
                for application in argument.applied(FROM_CONTEXT.name):
                    reader = _Reader(state, parent, field, argument, application)
                    yield from reader.judge(setters)


def _on_directives(state: SubgraphState) -> Iterator[CompositionError]:
    for directive in state.schema.directive_definitions.values():
        for argument in directive.arguments.values():
            for application in argument.applied(FROM_CONTEXT.name):
                at = f"@{directive.name}({argument.name}:)"
                message = f'"{at}" is an argument of a directive, which has no context to read.'
                yield state.error(codes.CONTEXT_NOT_SET, message, application.position)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One argument that reads a context."""

    state: SubgraphState
    parent: TypeDefinition
    field: Field
    argument: Argument
    application: AppliedDirective

    def judge(self, setters: Mapping[str, Sequence[TypeDefinition]]) -> Iterator[CompositionError]:
        at = f"{self.parent.name}.{self.field.name}({self.argument.name}:)"
        if self.parent.kind is TypeKind.INTERFACE:
            yield self._not_set(
                f'"{at}" belongs to a field of an interface: read the context in '
                "the implementations."
            )
            return
        for name in self.parent.interfaces:
            interface = self.state.schema.types.get(name)
            if interface is not None and self.field.name in interface.fields:
                yield self._not_set(
                    f'"{at}" belongs to a field that implements "{name}.{self.field.name}", which '
                    "clients may call with all of its arguments."
                )
        if self.argument.has_default:
            yield self._not_set(f'"{at}" has a default and reads a context: remove the default.')
        read = read_context(self.application.arguments.get("field"))
        if read is None:
            message = f'"{at}" names no context to read: write "$context {{ field }}".'
            yield self._error(codes.NO_CONTEXT_IN_SELECTION, message)
            return
        context, selection = read
        if context not in setters:
            yield self._not_set(
                f'"{at}" reads the context "{context}", which no type sets: put '
                f'@context(name: "{context}") on a type above.'
            )
        else:
            for why in _selection_faults(
                self.state.schema, selection, setters[context], self.argument.type
            ):
                message = f'"{at}" reads the context "{context}" wrongly: {why}.'
                yield self._error(codes.CONTEXT_INVALID_SELECTION, message)
        keys = self.parent.applied(KEY.name)
        if all(key.arguments.get("resolvable") is False for key in keys):
            yield self.state.error(
                codes.CONTEXT_NO_RESOLVABLE_KEY,
                f'"{at}" reads a context, so "{self.parent.name}" must be entered anew with its '
                "value: give it a resolvable @key.",
                self.parent.position,
            )

    def _not_set(self, message: str) -> CompositionError:
        return self._error(codes.CONTEXT_NOT_SET, message)

    def _error(self, definition: ErrorCode, message: str) -> CompositionError:
        return self.state.error(definition, message, self.application.position)


def _selection_faults(
    schema: Schema, text: str, locations: Sequence[TypeDefinition], wanted: str
) -> Iterator[str]:
    try:
        selections = parse_field_set(text)
    except FieldSetError as error:
        yield str(error).rstrip(".")
        return
    conditions = [s.type_condition for s in selections if s.field is None]
    if conditions and len(conditions) < len(selections):
        yield "it selects a field beside type conditions"
    elif len(set(conditions)) < len(conditions):
        yield "it has two conditions for one type"
    elif not conditions and len(selections) > 1:
        yield "it selects several fields, and the argument takes one value"
    elif any(one.alias or one.directives for top in selections for one in top.walk()):
        yield "aliases and directives have no place in it"
    elif conditions:
        yield from _condition_faults(schema, selections, locations, wanted)
    else:
        for location in locations:
            yield from _type_faults(schema, location, selections, wanted)


def _condition_faults(
    schema: Schema,
    selections: Sequence[Selection],
    locations: Sequence[TypeDefinition],
    wanted: str,
) -> Iterator[str]:
    unused = {selection.type_condition for selection in selections}
    for location in locations:
        possible = schema.possible_types(location.name)
        matching = [one for one in selections if one.type_condition in possible]
        if not matching:
            yield f'no condition fits "{location.name}", where the context is set'
        for selection in matching:
            narrowed = schema.types[str(selection.type_condition)]
            unused.discard(narrowed.name)
            yield from _type_faults(schema, narrowed, selection.selections, wanted)
    for name in sorted(str(condition) for condition in unused):
        yield f'the condition "{name}" is no object type that the context can be set on'


def _type_faults(
    schema: Schema, parent: TypeDefinition, selections: Sequence[Selection], wanted: str
) -> Iterator[str]:
    try:
        found = _value_type(schema, parent, selections)
    except FieldSetError as error:
        yield str(error)
        return
    if found != wanted:
        yield f'on "{parent.name}" it gives "{found}", and the argument takes "{wanted}"'


def _value_type(schema: Schema, parent: TypeDefinition, selections: Sequence[Selection]) -> str:
    """The type of what is selected, without exclamation marks: a context may lack its value."""
    if parent.has(INTERFACE_OBJECT.name):
        raise FieldSetError(f'"{parent.name}" is an @interfaceObject')
    types = {_field_type(schema, parent, selection) for selection in selections}
    if len(types) != 1:
        raise FieldSetError(f'it selects values of different types on "{parent.name}"')
    return types.pop()


def _field_type(schema: Schema, parent: TypeDefinition, selection: Selection) -> str:
    field = parent.fields.get(selection.field or "")
    if field is None:
        raise FieldSetError(f'"{parent.name}" has no field "{selection.field or "..."}"')
    nullable = field.type.replace("!", "")
    name = named_type(field.type)
    target = schema.types.get(name)
    if target is not None and target.is_composite:
        if not selection.selections:
            raise FieldSetError(f'"{parent.name}.{field.name}" needs a selection of its fields')
        return nullable.replace(name, _value_type(schema, target, selection.selections))
    if selection.selections:
        raise FieldSetError(f'"{parent.name}.{field.name}" has no fields to select')
    return nullable
