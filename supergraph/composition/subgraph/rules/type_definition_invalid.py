"""A subgraph may define a specification's scalar itself, but not as another kind of type."""

from collections.abc import Iterable

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import TypeDefinition, TypeKind
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes

__all__ = ["type_definition_invalid"]


def type_definition_invalid(
    state: SubgraphState, definitions: Iterable[TypeDefinition]
) -> list[CompositionError]:
    """Report specification scalars that are defined as something else."""
    return [
        state.error(
            codes.TYPE_DEFINITION_INVALID,
            f'"{definition.name}" is a scalar of the federation specification and cannot be '
            f"defined as {definition.kind.value}: rename the type, or import the scalar under "
            "another name.",
            definition.position,
        )
        for definition in definitions
        if definition.name.startswith("federation__") and definition.kind is not TypeKind.SCALAR
    ]
