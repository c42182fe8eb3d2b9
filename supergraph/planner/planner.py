"""The planner: from a valid document to its query plan."""

import time
from dataclasses import replace

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode

from supergraph.errors import broken_invariant
from supergraph.federation.api_schema import build_api_schema
from supergraph.federation.supergraph_state import SupergraphState
from supergraph.federation.supported_features import check_supported
from supergraph.planner.fetch.build import build_fetch_graph
from supergraph.planner.fetch.optimize import optimize
from supergraph.planner.fetch.schedule import schedule
from supergraph.planner.normalize.normalize import normalize_operation
from supergraph.planner.normalize.shared_types import SharedTypes
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.walk.budget import Budget, Clock
from supergraph.planner.walk.entries import Entries
from supergraph.planner.walk.root import walk_operation
from supergraph.query_graph.graph import QueryGraph

__all__ = ["Planner"]


class Planner:
    """Plans operations on one supergraph; holds nothing but what is derived from it.

    Raises `SupergraphError` (UNSUPPORTED_LINKED_FEATURE) for a supergraph that needs more than
    plans of this version can keep.
    """

    def __init__(self, state: SupergraphState, clock: Clock = time.monotonic) -> None:
        check_supported(state.document)
        self.state = state
        self.api_schema: GraphQLSchema = build_api_schema(state)
        self._graph = QueryGraph(state)
        self._entries = Entries(self._graph)
        self._clock = clock
        self._shared_types = SharedTypes(self._graph)

    def plan(self, document: DocumentNode, operation_name: str | None) -> QueryPlan:
        """The plan of one operation of a document that is valid for the API schema.

        Raises `ClientError` (OPERATION_TOO_LARGE) or `GatewayError` (QUERY_PLANNING_FAILED).
        """
        syntax = _find_operation(document, operation_name)
        operation = normalize_operation(document, syntax, self._graph)
        selections = self._shared_types.selections(operation)
        walker = self._entries.walker(Budget(self._clock))
        trees = walk_operation(replace(operation, selections=selections), self._graph, walker)
        fetch_graph = build_fetch_graph(
            trees, operation.selections, self._graph, in_order=operation.kind == "mutation"
        )
        optimize(fetch_graph)
        node = schedule(fetch_graph, operation, self._graph)
        return QueryPlan(operation, node, syntax, document, self.api_schema)


def _find_operation(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and (
            operation_name is None or (node.name and node.name.value == operation_name)
        ):
            return node
    broken_invariant("the operation was selected before it was planned")
