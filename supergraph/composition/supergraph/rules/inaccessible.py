"""What is left of the supergraph when inaccessible elements are hidden must still be a schema.

One walk asks all questions, because each depends on which elements remain visible: an element is
hidden with its own `@inaccessible` or with that of what it belongs to.
"""

from collections.abc import Iterator, Sequence

from supergraph.composition.schema.model import (
    EXECUTABLE_LOCATIONS,
    ROOT_NAMES,
    Argument,
    Element,
    Field,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.schema.type_ref import is_list, named_type, nullable
from supergraph.composition.supergraph.context import MergeContext, Source
from supergraph.error_codes import composition as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.directives.inaccessible import INACCESSIBLE
from supergraph.federation.values import ConstValue

__all__ = ["inaccessible"]


def inaccessible(context: MergeContext) -> None:
    """Report everything that would be broken in the API schema."""
    hidden_types = {t.name for t in context.schema.types.values() if _is_hidden(t)}
    if ROOT_NAMES["query"] in hidden_types:
        _report(
            context,
            codes.QUERY_ROOT_TYPE_INACCESSIBLE,
            "The query root type is @inaccessible, so nothing could be asked: remove it there.",
            ROOT_NAMES["query"],
        )
    if not _uses_inaccessible(context):
        return
    for definition in context.schema.types.values():
        if definition.name in hidden_types:
            continue
        if not _visible_members(definition, hidden_types):
            _report(
                context,
                codes.ONLY_INACCESSIBLE_CHILDREN,
                f'"{definition.name}" is visible, but everything in it is @inaccessible: hide the '
                "type too, or show some part of it.",
                definition.name,
            )
        _judge_members(context, definition, hidden_types)
    _judge_directives(context)


def _is_hidden(element: Element) -> bool:
    return element.has(INACCESSIBLE.name)


def _uses_inaccessible(context: MergeContext) -> bool:
    definitions = context.schema.directive_definitions.values()
    return any(
        _is_hidden(element)
        for definition in context.schema.types.values()
        for element in _with_members(definition)
    ) or any(_is_hidden(argument) for d in definitions for argument in d.arguments.values())


def _judge_directives(context: MergeContext) -> None:
    """Where a directive stands in the schema itself, every subgraph's use of it must stay whole."""
    for definition in context.schema.directive_definitions.values():
        in_schema = sorted(set(definition.locations) - EXECUTABLE_LOCATIONS)
        for argument in definition.arguments.values():
            at = f"@{definition.name}({argument.name}:)"
            if not _is_hidden(argument):
                continue
            if in_schema:
                _report(
                    context,
                    codes.DISALLOWED_INACCESSIBLE,
                    f'"{at}" is @inaccessible, but the directive may stand on {in_schema[0]}, '
                    "where nothing can be hidden: remove @inaccessible.",
                    at,
                )
            elif argument.required:
                _report(
                    context,
                    codes.REQUIRED_INACCESSIBLE,
                    f'"{at}" is @inaccessible but required, so no client could give it: make it '
                    "optional, or give it a default.",
                    at,
                )


def _with_members(definition: TypeDefinition) -> Iterator[Element]:
    yield definition
    yield from definition.values.values()
    yield from definition.input_fields.values()
    for field in definition.fields.values():
        yield field
        yield from field.arguments.values()


def _visible_members(definition: TypeDefinition, hidden_types: set[str]) -> bool:
    match definition.kind:
        case TypeKind.SCALAR:
            return True
        case TypeKind.UNION:
            return any(member not in hidden_types for member in definition.members)
        case TypeKind.ENUM:
            members: Sequence[Element] = list(definition.values.values())
        case TypeKind.INPUT:
            members = list(definition.input_fields.values())
        case _:
            members = list(definition.fields.values())
    return any(not _is_hidden(member) for member in members)


def _judge_members(
    context: MergeContext, definition: TypeDefinition, hidden_types: set[str]
) -> None:
    for field in definition.fields.values():
        at = f"{definition.name}.{field.name}"
        if _is_hidden(field):
            _judge_hidden_implementation(context, definition, field, hidden_types)
            continue
        _judge_reference(context, at, field.type, hidden_types)
        for argument in field.arguments.values():
            _judge_argument(context, f"{at}({argument.name}:)", argument, hidden_types)
            if _is_hidden(argument):
                _judge_hidden_argument(context, definition, field, argument, hidden_types)
                if definition.kind is TypeKind.INTERFACE:
                    _judge_required_implementations(
                        context, definition, field, argument, hidden_types
                    )
    for item in definition.input_fields.values():
        _judge_argument(context, f"{definition.name}.{item.name}", item, hidden_types)


def _judge_reference(
    context: MergeContext, coordinate: str, ref: str, hidden_types: set[str]
) -> None:
    if named_type(ref) in hidden_types:
        _report(
            context,
            codes.REFERENCED_INACCESSIBLE,
            f'"{coordinate}" is visible, but its type "{named_type(ref)}" is @inaccessible: hide '
            "both or neither.",
            coordinate,
        )


def _judge_argument(
    context: MergeContext, coordinate: str, argument: Argument, hidden_types: set[str]
) -> None:
    if _is_hidden(argument):
        if argument.required:
            _report(
                context,
                codes.REQUIRED_INACCESSIBLE,
                f'"{coordinate}" is @inaccessible but required, so no client could give it: make '
                "it optional, or give it a default.",
                coordinate,
            )
        return
    _judge_reference(context, coordinate, argument.type, hidden_types)
    if not argument.has_default:
        return
    for used in _hidden_in_default(context, argument.type, argument.default):
        _report(
            context,
            codes.DEFAULT_VALUE_USES_INACCESSIBLE,
            f'The default of "{coordinate}" uses "{used}", which is @inaccessible: choose another '
            "default.",
            coordinate,
        )


def _hidden_in_default(context: MergeContext, ref: str, value: ConstValue) -> Iterator[str]:
    if isinstance(value, list):
        inner = nullable(ref)
        item = nullable(inner)[1:-1] if is_list(inner) else ref
        for each in value:
            yield from _hidden_in_default(context, item, each)
        return
    definition = context.schema.types.get(named_type(ref))
    if definition is None:
        return
    if isinstance(value, str) and definition.kind is TypeKind.ENUM:
        found = definition.values.get(str(value))
        if found is not None and _is_hidden(found):
            yield f"{definition.name}.{value}"
    elif isinstance(value, dict):
        for name, each in value.items():
            field = definition.input_fields.get(name)
            if field is None:
                continue
            if _is_hidden(field):
                yield f"{definition.name}.{name}"
            else:
                yield from _hidden_in_default(context, field.type, each)


def _judge_hidden_implementation(
    context: MergeContext, definition: TypeDefinition, field: Field, hidden_types: set[str]
) -> None:
    for interface in _visible_interfaces(context, definition, hidden_types):
        promised = interface.fields.get(field.name)
        if promised is not None and not _is_hidden(promised):
            _report(
                context,
                codes.IMPLEMENTED_BY_INACCESSIBLE,
                f'"{definition.name}.{field.name}" is @inaccessible but implements '
                f'"{interface.name}.{field.name}", which is visible: hide both or neither.',
                f"{definition.name}.{field.name}",
            )


def _judge_hidden_argument(
    context: MergeContext,
    definition: TypeDefinition,
    field: Field,
    argument: Argument,
    hidden_types: set[str],
) -> None:
    for interface in _visible_interfaces(context, definition, hidden_types):
        promised = interface.fields.get(field.name)
        if promised is None or _is_hidden(promised):
            continue
        other = promised.arguments.get(argument.name)
        if other is not None and not _is_hidden(other):
            coordinate = f"{definition.name}.{field.name}({argument.name}:)"
            _report(
                context,
                codes.IMPLEMENTED_BY_INACCESSIBLE,
                f'"{coordinate}" is @inaccessible but implements an argument of '
                f'"{interface.name}.{field.name}", which is visible: hide both or neither.',
                coordinate,
            )


def _visible_interfaces(
    context: MergeContext, definition: TypeDefinition, hidden_types: set[str]
) -> Iterator[TypeDefinition]:
    for name in definition.interfaces:
        interface = context.schema.types.get(name)
        if interface is not None and name not in hidden_types:
            yield interface


def _judge_required_implementations(
    context: MergeContext,
    interface: TypeDefinition,
    field: Field,
    argument: Argument,
    hidden_types: set[str],
) -> None:
    """A hidden argument of an interface is never given, so no implementation can require it."""
    for definition in context.schema.types.values():
        if interface.name not in definition.interfaces or definition.name in hidden_types:
            continue
        implementing = definition.fields.get(field.name)
        if implementing is None or _is_hidden(implementing):
            continue
        other = implementing.arguments.get(argument.name)
        if other is not None and not _is_hidden(other) and other.required:
            at = f"{definition.name}.{field.name}({argument.name}:)"
            _report(
                context,
                codes.REQUIRED_INACCESSIBLE,
                f'"{at}" is required, but hidden with @inaccessible in the interface '
                f'"{interface.name}": hide both, or make it optional.',
                at,
            )


def _report(context: MergeContext, definition: ErrorCode, message: str, coordinate: str) -> None:
    context.error(definition, message, _declarations(context, coordinate))


def _declarations(context: MergeContext, coordinate: str) -> list[Source[Element]]:
    """Where the subgraphs declare the element, or its type when it has no place of its own."""
    if coordinate.startswith("@"):
        directive, _, name = coordinate[1:].rstrip(":)").partition("(")
        definitions = [
            Source(state, state.schema.directive_definitions[directive])
            for state in context.subgraphs
            if directive in state.schema.directive_definitions
        ]
        return [
            Source(state, definition.arguments.get(name) or definition)
            for state, definition in definitions
        ]
    type_name, _, rest = coordinate.partition(".")
    name = rest.partition("(")[0]
    found: list[Source[Element]] = []
    for state in context.subgraphs:
        definition = state.schema.types.get(type_name)
        if definition is None or definition.position is None:
            continue
        element: Element = definition
        element = definition.input_fields.get(name) or definition.fields.get(name) or element
        found.append(Source(state, element))
    return found
