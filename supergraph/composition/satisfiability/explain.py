"""Why a field cannot be reached: what was tried from each subgraph, and what to write instead."""

from collections.abc import Iterable

from supergraph.names import TypeName
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import Node
from supergraph.query_graph.reach import Place, Reach

__all__ = ["explain"]


def explain(
    graph: QueryGraph, reach: Reach, places: Iterable[Place], type_name: TypeName, field: str
) -> str:
    """One line for each subgraph the query can be at before the field."""
    heads = [
        Node(subgraph, type_name)
        for subgraph, join in graph.type_state(type_name).fields[field].joins.items()
        if not join.external
    ]
    heads += [
        edge.head
        for edge in graph.entity_edges(type_name)
        if edge.head.type_name != type_name and graph.field_edge(edge.head, field) is not None
    ]
    lines = []
    for place in sorted(places):
        origin = place.node.subgraph
        reasons = [_reason(graph, reach, place, head, field) for head in dict.fromkeys(heads)]
        lines.append(f'- from subgraph "{origin}": {"; ".join(reasons)}.')
    return "\n".join(lines)


def _reason(graph: QueryGraph, reach: Reach, place: Place, head: Node, field: str) -> str:
    coordinate = f"{head.type_name}.{field}"
    keys = [edge.key for edge in graph.entity_edges(head.type_name) if edge.head == head]
    if not keys:
        return (
            f'{coordinate} is in "{head.subgraph}", but {head.type_name} has no resolvable @key '
            f"there, so no query can go to it; give it a @key, or define the field in "
            f'"{place.node.subgraph}" too and mark both @shareable'
        )
    edge = graph.field_edge(head, field)
    requires = edge.join.requires if edge is not None else None
    usable = [key for key in keys if reach.can_use_key(place, head, key, None)]
    if usable and requires:
        return (
            f'"{head.subgraph}" requires "{requires}" for {coordinate}, which cannot be had '
            f'from "{place.node.subgraph}"'
        )
    listed = " or ".join(f'@key(fields: "{key}")' for key in keys)
    return (
        f'"{head.subgraph}" is entered by {listed}, whose fields cannot be had from '
        f'"{place.node.subgraph}"; let "{place.node.subgraph}" resolve the fields of one of them'
    )
