"""Plan a text without a gateway: for commands and tests, which look at plans and run nothing."""

from collections.abc import Mapping
from typing import Any

from supergraph.config.gateway import CacheConfig, LimitConfig
from supergraph.planner.decide import decide
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.planner import Planner
from supergraph.stages.document import validate_document
from supergraph.stages.operation import choose_operation, named_operation
from supergraph.stages.request import GraphQLRequest
from supergraph.stages.supergraph import Supergraph

__all__ = ["plan_text"]


def plan_text(
    planner: Planner,
    query: str,
    operation_name: str | None = None,
    variables: Mapping[str, Any] | None = None,
    active_labels: frozenset[str] = frozenset(),
) -> QueryPlan:
    """The plan of a document's operation; with variables, as it runs for them.

    `active_labels` are those of progressive overrides. Raises `ClientError` as a request would be
    refused, and `GatewayError` where no plan is found.
    """
    request = GraphQLRequest(query, variables or {}, operation_name)
    supergraph = Supergraph(planner, {}, CacheConfig())
    document = validate_document(request, supergraph, LimitConfig(), introspection=True)
    node = named_operation(document, operation_name)
    plan = planner.plan(document.node, node.name.value if node.name else None, active_labels)
    if variables is None:
        return plan
    operation = choose_operation(request, document, planner.api_schema, introspection=True)
    return decide(plan, operation.variables)
