"""Names of the variables that carry values of contexts, as in Apollo's plans.

`contextualArgument_2_0` is for the first (by coordinate) of such arguments in the second subgraph.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from supergraph.federation.supergraph_state import SupergraphState
from supergraph.names import SubgraphName, TypeName

__all__ = ["CONTEXT_VARIABLE", "ContextCoordinate", "context_variables", "free_prefix"]

#: What all of the names begin with.
CONTEXT_VARIABLE = "contextualArgument"


class ContextCoordinate(NamedTuple):
    """An argument of a field in a subgraph."""

    subgraph: SubgraphName
    type_name: TypeName
    field: str
    argument: str


def free_prefix(name: str, taken: Iterable[str]) -> str:
    """What to put before a name so that no taken one begins with it."""
    prefix = ""
    while any(other.startswith(prefix + name) for other in taken):
        prefix += "_"
    return prefix


def context_variables(state: SupergraphState) -> Mapping[ContextCoordinate, str]:
    """The name for each argument that is read from a context."""
    coordinates = [
        ContextCoordinate(subgraph, type_state.name, field.name, argument.name)
        for type_state in state.types.values()
        for field in type_state.fields.values()
        for subgraph, join in field.joins.items()
        for argument in join.context_arguments
    ]
    return {
        coordinate: f"{CONTEXT_VARIABLE}_{number}_{index}"
        for number, subgraph in enumerate(state.subgraphs, start=1)
        for index, coordinate in enumerate(
            sorted(one for one in coordinates if one.subgraph == subgraph)
        )
    }
