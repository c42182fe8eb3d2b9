"""The root of the query tree: which subgraphs an operation enters by which root fields."""

from collections.abc import Iterable

from supergraph.error_codes import runtime as codes
from supergraph.errors import GatewayError, broken_invariant
from supergraph.planner.operation import Field, NormalizedOperation
from supergraph.planner.query_tree import FieldBranch, QueryTree
from supergraph.planner.walk.options import Option
from supergraph.planner.walk.walk import Walker
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import Node

__all__ = ["walk_operation"]


def walk_operation(
    operation: NormalizedOperation, graph: QueryGraph, walker: Walker
) -> list[QueryTree]:
    """The operation's root trees.

    Those of a query or subscription are independent of each other; those of a mutation are to be
    run in order (https://spec.graphql.org/draft/#sec-Mutation). `__typename` and introspection
    fields are not in them: the gateway answers those itself.

    Raises `GatewayError` with QUERY_PLANNING_FAILED where a part of the operation is out of
    reach, or the walker's budget is used up.
    """
    fields = [
        field for field in _root_fields(operation, graph, walker) if not field.name.startswith("__")
    ]
    if operation.kind == "mutation":
        return _in_order(fields, operation, graph, walker)
    chosen = _choose(fields, operation, graph, walker)
    branches: dict[Node, list[FieldBranch]] = {}
    for option in chosen:
        branch = FieldBranch(option.field, option.edge, option.tree)
        branches.setdefault(_head(option), []).append(branch)
    return [QueryTree(head, tuple(own)) for head, own in sorted(branches.items())]


def _root_fields(
    operation: NormalizedOperation, graph: QueryGraph, walker: Walker
) -> tuple[Field, ...]:
    return walker.views.fields_on(operation.root_type, operation.selections)


def _choose(
    fields: Iterable[Field], operation: NormalizedOperation, graph: QueryGraph, walker: Walker
) -> list[Option]:
    heads = graph.root_nodes(operation.root_type)
    listed = list(fields)
    options = {field: walker.root_options(heads, field) for field in listed}
    chosen, rest = walker.assemble(listed, options)
    if rest:
        places = ", ".join(sorted({f"{operation.root_type}.{field.name}" for field in rest}))
        raise GatewayError(
            codes.QUERY_PLANNING_FAILED,
            f"No subgraph, or way between subgraphs, resolves all that is selected in {places}.",
        )
    return chosen


def _in_order(
    fields: list[Field], operation: NormalizedOperation, graph: QueryGraph, walker: Walker
) -> list[QueryTree]:
    """One tree per run of neighbouring fields of the same subgraph."""
    trees: list[QueryTree] = []
    for field in fields:
        for option in _choose([field], operation, graph, walker):
            branch = FieldBranch(option.field, option.edge, option.tree)
            head = _head(option)
            if trees and trees[-1].node == head:
                trees[-1] = QueryTree(head, (*trees[-1].fields, branch))
            else:
                trees.append(QueryTree(head, (branch,)))
    return trees


def _head(option: Option) -> Node:
    if option.entry is None:
        broken_invariant("a root field is entered, never resolved on the spot")
    return option.entry.head
