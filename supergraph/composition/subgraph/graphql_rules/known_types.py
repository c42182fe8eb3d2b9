"""Every type that is referred to exists and is of a kind that can stand there."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import (
    BUILT_IN_SCALARS,
    Element,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.schema.type_ref import named_type
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes

__all__ = ["known_types"]

_OUTPUT = {TypeKind.OBJECT, TypeKind.INTERFACE, TypeKind.UNION, TypeKind.ENUM, TypeKind.SCALAR}
_INPUT = {TypeKind.INPUT, TypeKind.ENUM, TypeKind.SCALAR}


def known_types(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each reference to a type that is missing or of the wrong kind."""
    for definition in state.schema.types.values():
        yield from _members(state, definition)
    for directive in state.schema.directive_definitions.values():
        for argument in directive.arguments.values():
            coordinate = f"@{directive.name}({argument.name}:)"
            yield from _judge(state, argument, coordinate, argument.type, _INPUT)
    for operation, name in state.schema.roots.items():
        root = state.schema.types.get(name)
        if root is None or root.kind is not TypeKind.OBJECT:
            message = f'The {operation} root type "{name}" must be an object type that exists.'
            position = root.position if root else None
            yield state.error(codes.INVALID_GRAPHQL, message, position)


def _members(state: SubgraphState, definition: TypeDefinition) -> Iterator[CompositionError]:
    for field in definition.fields.values():
        at = f"{definition.name}.{field.name}"
        yield from _judge(state, field, at, field.type, _OUTPUT)
        for argument in field.arguments.values():
            yield from _judge(state, argument, f"{at}({argument.name}:)", argument.type, _INPUT)
    for item in definition.input_fields.values():
        yield from _judge(state, item, f"{definition.name}.{item.name}", item.type, _INPUT)
    for name in definition.interfaces:
        yield from _judge(state, definition, definition.name, name, {TypeKind.INTERFACE})
    for name in definition.members:
        yield from _judge(state, definition, definition.name, name, {TypeKind.OBJECT})


def _judge(
    state: SubgraphState, element: Element, coordinate: str, ref: str, kinds: set[TypeKind]
) -> Iterator[CompositionError]:
    name = named_type(ref)
    definition = state.schema.types.get(name)
    if definition is None:
        if name in BUILT_IN_SCALARS:
            if TypeKind.SCALAR in kinds:
                return
        elif name.startswith("federation__"):
            return
        else:
            message = f'"{coordinate}" refers to the type "{name}", which is not defined.'
            yield state.error(codes.INVALID_GRAPHQL, message, element.position)
            return
        found = TypeKind.SCALAR
    else:
        found = definition.kind
    if found not in kinds:
        wanted = " or ".join(sorted(kind.value for kind in kinds))
        message = f'"{coordinate}" refers to "{name}", which is {found.value}, not {wanted}.'
        yield state.error(codes.INVALID_GRAPHQL, message, element.position)
