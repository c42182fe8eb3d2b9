"""An interface object is an entity: without a key, no other subgraph could be asked about it."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import TypeKind
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.interface_object import INTERFACE_OBJECT
from supergraph.federation.directives.key import KEY

__all__ = ["interface_object_without_key"]


def interface_object_without_key(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each interface object that has no key."""
    for definition in state.schema.of_kind(TypeKind.OBJECT):
        if definition.has(INTERFACE_OBJECT.name) and not definition.has(KEY.name):
            yield state.error(
                codes.INTERFACE_OBJECT_USAGE_ERROR,
                f'"{definition.name}" is an @interfaceObject and needs a @key: add the key of the '
                "interface it stands for.",
                definition.position,
            )
