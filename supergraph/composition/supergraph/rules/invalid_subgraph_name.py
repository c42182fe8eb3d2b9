"""Subgraph names are unique, not empty, and not the one reserved for the supergraph itself."""

from collections import Counter
from collections.abc import Sequence

from supergraph.composition.result import CompositionError, Subgraph
from supergraph.error_codes import composition as codes

__all__ = ["RESERVED_NAME", "invalid_subgraph_name"]

#: Reserved for the root of the query graph over all subgraphs.
RESERVED_NAME = "_"


def invalid_subgraph_name(subgraphs: Sequence[Subgraph]) -> list[CompositionError]:
    """Report reserved, empty and repeated names."""
    errors = []
    for name, count in sorted(Counter(subgraph.name for subgraph in subgraphs).items()):
        if name == RESERVED_NAME or not name:
            why = f'"{name}" cannot be the name of a subgraph: give it another one.'
        elif count > 1:
            why = f'{count} subgraphs are called "{name}": each needs a name of its own.'
        else:
            continue
        errors.append(CompositionError(codes.INVALID_SUBGRAPH_NAME, why, (name,)))
    return errors
