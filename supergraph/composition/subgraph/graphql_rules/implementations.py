"""A type has what its interfaces promise: fields, arguments, types, and further interfaces."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import Field, Position, TypeDefinition, TypeKind
from supergraph.composition.schema.type_ref import is_subtype_ref
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes

__all__ = ["implementations"]


def implementations(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each promise of an interface that a type breaks."""
    for definition in state.schema.of_kind(TypeKind.OBJECT, TypeKind.INTERFACE):
        for name in definition.interfaces:
            interface = state.schema.types.get(name)
            if interface is None or interface.kind is not TypeKind.INTERFACE:
                continue
            for why, position in _broken(state, definition, interface):
                yield state.error(codes.INVALID_GRAPHQL, why, position, interface.position)


def _broken(
    state: SubgraphState, definition: TypeDefinition, interface: TypeDefinition
) -> Iterator[tuple[str, Position | None]]:
    name = definition.name
    if interface is definition:
        yield f'"{name}" cannot implement itself.', definition.position
        return
    for inherited in interface.interfaces:
        if inherited not in definition.interfaces and inherited != name:
            yield (
                f'"{name}" implements "{interface.name}" and must also implement "{inherited}".',
                definition.position,
            )
    for promised in interface.fields.values():
        field = definition.fields.get(promised.name)
        at = f"{name}.{promised.name}"
        if field is None:
            yield (
                f'"{name}" implements "{interface.name}" and lacks its field "{promised.name}".',
                definition.position,
            )
            continue
        if not is_subtype_ref(field.type, promised.type, state.schema.is_subtype):
            why = f'"{at}" is of type "{field.type}", which does not fit "{promised.type}"'
            yield f'{why} of "{interface.name}".', field.position
        yield from _broken_arguments(at, field, promised, interface.name)


def _broken_arguments(
    at: str, field: Field, promised: Field, interface: str
) -> Iterator[tuple[str, Position | None]]:
    for argument in promised.arguments.values():
        found = field.arguments.get(argument.name)
        if found is None:
            yield (
                f'"{at}" lacks the argument "{argument.name}" of "{interface}".',
                field.position,
            )
        elif found.type != argument.type:
            why = f'"{at}({argument.name}:)" is of type "{found.type}"'
            yield f'{why} but of type "{argument.type}" in "{interface}".', found.position
    for argument in field.arguments.values():
        if argument.name not in promised.arguments and argument.required:
            yield (
                f'"{at}({argument.name}:)" is required, but "{interface}" does not have it.',
                argument.position,
            )
