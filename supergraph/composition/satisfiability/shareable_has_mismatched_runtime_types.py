"""A shared field returns the same object types wherever it is resolved.

Any of the subgraphs at hand may be asked for the field. Where they know different members of its
interface or union, a query's answer would depend on which one is asked.
"""

from collections.abc import Iterable, Mapping

from supergraph.composition.result import CompositionError, CompositionHint
from supergraph.error_codes import composition as codes
from supergraph.error_codes import hints
from supergraph.federation.supergraph_state import FieldState
from supergraph.names import SubgraphName, TypeName
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.reach import Place

__all__ = ["judge_runtime_types"]


def judge_runtime_types(
    graph: QueryGraph, coordinate: str, field: FieldState, after: Iterable[Place]
) -> CompositionError | CompositionHint | None:
    """What is wrong with the places a field leads to; a hint when some types are in common."""
    if not graph.is_composite(field.type_name) or not graph.is_abstract(field.type_name):
        return None
    if sum(not join.external for join in field.joins.values()) < 2:
        return None
    found = _types_by_subgraph(graph, after)
    if len(found) < 2 or not any(found.values()):
        return None
    common = frozenset[TypeName].intersection(*found.values())
    if len(set(found.values())) == 1:
        return None
    listed = "; ".join(
        f'"{subgraph}" returns {_listed(types) or "no type at all"}'
        for subgraph, types in sorted(found.items())
    )
    subgraphs = tuple(sorted(found))
    if common:
        return CompositionHint(
            hints.INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN,
            f'"{coordinate}" is shared, but can return different types: {listed}. Let all of them '
            f"return {_listed(common)} only.",
            subgraphs,
        )
    return CompositionError(
        codes.SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES,
        f'"{coordinate}" is shared, but its subgraphs have no type of "{field.type_name}" in '
        f"common: {listed}. Give them the same types, or leave the field to one of them.",
        subgraphs,
    )


def _types_by_subgraph(
    graph: QueryGraph, places: Iterable[Place]
) -> Mapping[SubgraphName, frozenset[TypeName]]:
    """What each subgraph may return; one that knows an interface object cannot tell the type."""
    nodes = {place.node for place in places}
    if sum(graph.is_abstract(node.type_name) for node in nodes) < 2:
        return {}
    return {
        node.subgraph: graph.possible_types(node)
        for node in sorted(nodes)
        if not graph.is_interface_object(node)
    }


def _listed(types: Iterable[TypeName]) -> str:
    return ", ".join(sorted(types))
