"""A type called like a root type is that root type."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import ROOT_NAMES
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes

__all__ = ["root_type_used"]

_CODES = {
    "query": codes.ROOT_QUERY_USED,
    "mutation": codes.ROOT_MUTATION_USED,
    "subscription": codes.ROOT_SUBSCRIPTION_USED,
}


def root_type_used(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error where the default name is taken while another type is the root."""
    for operation, name in state.root_names.items():
        default = ROOT_NAMES[operation]
        if name != default and default in state.schema.types and name in state.schema.types:
            yield state.error(
                _CODES[operation],
                f'The {operation} root is "{name}", so the type "{default}" means something else: '
                f'rename it, because the supergraph calls its {operation} root "{default}".',
                state.schema.types[default].position,
            )
