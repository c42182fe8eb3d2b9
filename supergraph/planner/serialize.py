"""The JSON form of a plan, with the node kinds and keys of Apollo's query plan."""

from typing import Any

from supergraph.errors import broken_invariant
from supergraph.planner.plan_nodes import (
    ConditionNode,
    EntityFragment,
    FetchNode,
    FlattenNode,
    ParallelNode,
    PlanNode,
    QueryPlan,
    RequiredField,
    RequiredSelection,
    SequenceNode,
    SubscriptionNode,
)
from supergraph.planner.print import path_segments

__all__ = ["plan_to_json"]


def plan_to_json(plan: QueryPlan) -> dict[str, Any]:
    """The plan as JSON values; a plan without requests has no `node`."""
    found: dict[str, Any] = {"kind": "QueryPlan"}
    if plan.node is not None:
        found["node"] = _node(plan.node)
    return found


def _node(node: PlanNode) -> dict[str, Any]:
    match node:
        case FetchNode():
            return _fetch(node)
        case FlattenNode():
            return {"kind": "Flatten", "path": path_segments(node.path), "node": _fetch(node.node)}
        case SequenceNode():
            return {"kind": "Sequence", "nodes": [_node(item) for item in node.nodes]}
        case ParallelNode():
            return {"kind": "Parallel", "nodes": [_node(item) for item in node.nodes]}
        case ConditionNode():
            clause = "ifClause" if node.condition.includes else "elseClause"
            return {
                "kind": "Condition",
                "condition": node.condition.variable,
                clause: _node(node.node),
            }
        case SubscriptionNode():
            return {
                "kind": "Subscription",
                "primary": _fetch(node.primary),
                "rest": _node(node.rest) if node.rest is not None else None,
            }
    broken_invariant("every kind of plan node is serialised")


def _fetch(node: FetchNode) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": "Fetch", "serviceName": node.service_name}
    if node.requires:
        found["requires"] = [_required(item) for item in node.requires]
    found["variableUsages"] = list(node.variable_usages)
    found["operation"] = node.operation
    if node.operation_name is not None:
        found["operationName"] = node.operation_name
    found["operationKind"] = node.operation_kind
    return found


def _required(selection: RequiredSelection | EntityFragment) -> dict[str, Any]:
    inner = [_required(item) for item in selection.selections]
    if not isinstance(selection, RequiredField):
        return {
            "kind": "InlineFragment",
            "typeCondition": selection.type_condition,
            "selections": [{"kind": "Field", "name": "__typename"}, *inner],
        }
    found: dict[str, Any] = {"kind": "Field", "name": selection.name}
    if selection.response_key != selection.name:
        found["alias"] = selection.response_key
    if inner:
        found["selections"] = inner
    return found
