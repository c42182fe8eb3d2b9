"""Default values fit the types they stand for."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.coerce import fits
from supergraph.composition.schema.elements import located_elements
from supergraph.composition.schema.model import Argument
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.values import print_value

__all__ = ["default_values"]


def default_values(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each default that is no value of its type."""
    for coordinate, element, _ in located_elements(state.schema):
        if not isinstance(element, Argument) or not element.has_default:
            continue
        if not fits(state.schema.types, element.type, element.default):
            message = (
                f'The default {print_value(element.default)} of "{coordinate}" is no value of '
                f'type "{element.type}".'
            )
            yield state.error(codes.INVALID_GRAPHQL, message, element.position)
