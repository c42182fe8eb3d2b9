"""The planner: from a valid document to its query plan."""

import time
from collections.abc import Set as AbstractSet

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode

from supergraph.errors import broken_invariant
from supergraph.federation.api_schema import build_api_schema
from supergraph.federation.override_labels import override_labels, with_active_labels
from supergraph.federation.supergraph_state import SupergraphState
from supergraph.federation.supported_features import check_supported
from supergraph.planner.context_variables import context_variables
from supergraph.planner.defer.inline import inline_deferred
from supergraph.planner.defer.plan import DeferPlanner
from supergraph.planner.label_use import labels_used
from supergraph.planner.normalize.deferrals import may_defer
from supergraph.planner.normalize.normalize import normalize_operation
from supergraph.planner.normalize.shared_types import SharedTypes
from supergraph.planner.operation import has_streams
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.variant import Variant, plan_at_once
from supergraph.planner.walk.budget import Budget, Clock
from supergraph.planner.walk.entries import Entries
from supergraph.query_graph.graph import QueryGraph

__all__ = ["GRAPHS_MAX", "Planner"]

#: Query graphs kept for different sets of active labels; beyond it the oldest is built anew when it
#: is asked for again.
GRAPHS_MAX = 32


class Planner:
    """Plans operations on one supergraph; holds nothing but what is derived from it.

    With `defers` the API schema offers `@defer`, and plans say how to answer in parts; with
    `streams` it offers `@stream`. Raises `SupergraphError` (UNSUPPORTED_LINKED_FEATURE) for a
    supergraph that needs more than plans of this version can keep.
    """

    def __init__(
        self,
        state: SupergraphState,
        clock: Clock = time.monotonic,
        *,
        defers: bool = False,
        streams: bool = False,
    ) -> None:
        check_supported(state.document)
        self.state = state
        self.defers = defers
        self.streams = streams
        self.api_schema: GraphQLSchema = build_api_schema(state, defers=defers, streams=streams)
        self.override_labels = override_labels(state)
        self._context_variables = context_variables(state)
        self._clock = clock
        self._base = self._variant_of(QueryGraph(state))
        self._variants: dict[frozenset[str], Variant] = {}

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
        syntax = _find_operation(document, operation_name)
        operation = normalize_operation(document, syntax, variant.graph)
        budget = Budget(self._clock)
        incremental = None
        if self.defers and may_defer(document):
            incremental = DeferPlanner(document, syntax, variant, budget).plan()
        if incremental is None:
            node = plan_at_once(operation, variant, budget)
        else:
            node = inline_deferred(incremental)
        streams = self.streams and has_streams(operation)
        return QueryPlan(operation, node, syntax, document, self.api_schema, incremental, streams)

    def labels_used(self, document: DocumentNode, operation_name: str | None) -> frozenset[str]:
        """The labels that the operation's plan depends on: others, active or not, change nothing.

        Raises `ClientError` (OPERATION_TOO_LARGE).
        """
        if not self.override_labels:
            return frozenset()
        syntax = _find_operation(document, operation_name)
        operation = normalize_operation(document, syntax, self._base.graph)
        return labels_used(self._base.graph, operation.root_type, operation.selections)

    def _variant_of(self, graph: QueryGraph) -> Variant:
        return Variant(graph, SharedTypes(graph), Entries(graph), self._context_variables)

    def _variant(self, active_labels: frozenset[str]) -> Variant:
        if not active_labels:
            return self._base
        if active_labels not in self._variants:
            if len(self._variants) >= GRAPHS_MAX:
                del self._variants[next(iter(self._variants))]
            graph = QueryGraph(with_active_labels(self.state, active_labels))
            self._variants[active_labels] = self._variant_of(graph)
        return self._variants[active_labels]


def _find_operation(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and (
            operation_name is None or (node.name and node.name.value == operation_name)
        ):
            return node
    broken_invariant("the operation was selected before it was planned")
