"""An external field is needed by something, and never stands on an interface."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import TypeKind
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.external import EXTERNAL

__all__ = ["external_on_interface", "external_unused"]


def external_unused(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each external field that nothing uses; federation 1 drops them."""
    if state.is_federation_1:
        return
    for definition in state.schema.of_kind(TypeKind.OBJECT, TypeKind.INTERFACE):
        for field in definition.fields.values():
            coordinate = (definition.name, field.name)
            if coordinate in state.usage.external and coordinate not in state.usage.used:
                yield state.error(
                    codes.EXTERNAL_UNUSED,
                    f'"{definition.name}.{field.name}" is @external, but no @key, @requires, '
                    "@provides or interface needs it here: remove the field.",
                    field.position,
                )


def external_on_interface(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each external field of an interface."""
    if state.is_federation_1:
        return
    for definition in state.schema.of_kind(TypeKind.INTERFACE):
        for field in definition.fields.values():
            if field.has(EXTERNAL.name):
                yield state.error(
                    codes.EXTERNAL_ON_INTERFACE,
                    f'"{definition.name}.{field.name}" is a field of an interface and cannot be '
                    "@external: mark the field of the implementations instead.",
                    field.position,
                )
