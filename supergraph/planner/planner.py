"""The planner: from a valid document to its query plan."""

import time
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode

from supergraph.errors import broken_invariant
from supergraph.federation.api_schema import build_api_schema
from supergraph.federation.override_labels import override_labels, with_active_labels
from supergraph.federation.supergraph_state import SupergraphState
from supergraph.federation.supported_features import check_supported
from supergraph.planner.context_supply import ContextSupplies
from supergraph.planner.context_variables import CONTEXT_VARIABLE, context_variables, free_prefix
from supergraph.planner.fetch.build import build_fetch_graph
from supergraph.planner.fetch.contexts import ContextReader
from supergraph.planner.fetch.optimize import optimize
from supergraph.planner.fetch.schedule import schedule
from supergraph.planner.fetch.scope import ScopeTable
from supergraph.planner.label_use import labels_used
from supergraph.planner.normalize.normalize import normalize_operation
from supergraph.planner.normalize.shared_types import SharedTypes
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.walk.budget import Budget, Clock
from supergraph.planner.walk.entries import Entries
from supergraph.planner.walk.root import walk_operation
from supergraph.query_graph.graph import QueryGraph

__all__ = ["GRAPHS_MAX", "Planner"]

#: Query graphs kept for different sets of active labels; beyond it the oldest is built anew when it
#: is asked for again.
GRAPHS_MAX = 32


@dataclass(frozen=True, slots=True)
class _Variant:
    """The query graph while certain labels are active, and what is derived from it."""

    graph: QueryGraph
    shared_types: SharedTypes
    entries: Entries


def _variant(graph: QueryGraph) -> _Variant:
    return _Variant(graph, SharedTypes(graph), Entries(graph))


class Planner:
    """Plans operations on one supergraph; holds nothing but what is derived from it.

    Raises `SupergraphError` (UNSUPPORTED_LINKED_FEATURE) for a supergraph that needs more than
    plans of this version can keep.
    """

    def __init__(self, state: SupergraphState, clock: Clock = time.monotonic) -> None:
        check_supported(state.document)
        self.state = state
        self.api_schema: GraphQLSchema = build_api_schema(state)
        self.override_labels = override_labels(state)
        self._context_variables = context_variables(state)
        self._clock = clock
        self._base = _variant(QueryGraph(state))
        self._variants: dict[frozenset[str], _Variant] = {}

    def plan(
        self,
        document: DocumentNode,
        operation_name: str | None,
        active_labels: AbstractSet[str] = frozenset(),
    ) -> QueryPlan:
        """The plan of one operation of a document that is valid for the API schema.

        Fields with one of the `active_labels` are resolved by the subgraph that overrides them.
        Raises `ClientError` (OPERATION_TOO_LARGE) or `GatewayError` (QUERY_PLANNING_FAILED).
        """
        variant = self._variant(self.override_labels & active_labels)
        graph = variant.graph
        syntax = _find_operation(document, operation_name)
        operation = normalize_operation(document, syntax, graph)
        selections = variant.shared_types.selections(operation)
        scopes = ScopeTable(operation.selections)
        supplies = ContextSupplies(graph, scopes)
        selections = supplies.select(operation.root_type, selections)
        walker = variant.entries.walker(Budget(self._clock))
        trees = walk_operation(replace(operation, selections=selections), graph, walker)
        prefix = free_prefix(CONTEXT_VARIABLE, operation.variables)
        contexts = ContextReader(supplies, scopes, graph, self._context_variables, prefix)
        fetch_graph = build_fetch_graph(
            trees, scopes, graph, contexts, in_order=operation.kind == "mutation"
        )
        optimize(fetch_graph)
        node = schedule(fetch_graph, operation, graph)
        return QueryPlan(operation, node, syntax, document, self.api_schema)

    def labels_used(self, document: DocumentNode, operation_name: str | None) -> frozenset[str]:
        """The labels that the operation's plan depends on: others, active or not, change nothing.

        Raises `ClientError` (OPERATION_TOO_LARGE).
        """
        if not self.override_labels:
            return frozenset()
        syntax = _find_operation(document, operation_name)
        operation = normalize_operation(document, syntax, self._base.graph)
        return labels_used(self._base.graph, operation.root_type, operation.selections)

    def _variant(self, active_labels: frozenset[str]) -> _Variant:
        if not active_labels:
            return self._base
        if active_labels not in self._variants:
            if len(self._variants) >= GRAPHS_MAX:
                del self._variants[next(iter(self._variants))]
            graph = QueryGraph(with_active_labels(self.state, active_labels))
            self._variants[active_labels] = _variant(graph)
        return self._variants[active_labels]


def _find_operation(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and (
            operation_name is None or (node.name and node.name.value == operation_name)
        ):
            return node
    broken_invariant("the operation was selected before it was planned")
