"""The JSON form of a plan, with the node kinds and keys of Apollo's query plan."""

from typing import Any

from supergraph.errors import broken_invariant
from supergraph.planner.plan_nodes import (
    ConditionNode,
    DeferConditionNode,
    DeferNode,
    DeferredNode,
    EntityFragment,
    EntityGroup,
    FetchNode,
    IncrementalNode,
    KeyRenamer,
    ParallelNode,
    QueryPlan,
    RequiredField,
    RequiredSelection,
    SequenceNode,
    SubscriptionNode,
)
from supergraph.planner.print import context_steps, path_segments

__all__ = ["plan_to_json"]


def plan_to_json(plan: QueryPlan) -> dict[str, Any]:
    """The plan as JSON values; a plan without requests has no `node`."""
    found: dict[str, Any] = {"kind": "QueryPlan"}
    if plan.shown is not None:
        found["node"] = _node(plan.shown)
    return found


def _node(node: IncrementalNode) -> dict[str, Any]:
    match node:
        case FetchNode():
            return _entity_fetch(node) if node.entities else _root_fetch(node)
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
        case DeferNode():
            return {
                "kind": "Defer",
                "primary": _part(node.primary.selection, node.primary.node),
                "deferred": [_deferred(item) for item in node.deferred],
            }
        case DeferConditionNode():
            clauses = {"ifClause": node.deferring, "elseClause": node.otherwise}
            return {
                "kind": "Condition",
                "condition": node.variable,
                **{name: _node(item) for name, item in clauses.items() if item is not None},
            }
    broken_invariant("every kind of plan node is serialised")


def _deferred(node: DeferredNode) -> dict[str, Any]:
    found: dict[str, Any] = {"depends": [{"id": str(number)} for number in node.depends]}
    if node.label is not None:
        found["label"] = node.label
    return found | {"queryPath": list(node.path)} | _part(node.selection, node.node)


def _part(selection: str, node: IncrementalNode | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if selection:
        found["subselection"] = f"{{ {selection} }}"
    if node is not None:
        found["node"] = _node(node)
    return found


def _root_fetch(node: FetchNode) -> dict[str, Any]:
    if not node.path:
        return _fetch(node)
    return {"kind": "Flatten", "path": path_segments(node.path), "node": _fetch(node)}


def _entity_fetch(node: FetchNode) -> dict[str, Any]:
    """A Flatten node; or, where a request serves several places, a BatchFetch as Hive's."""
    fetch = _fetch(node)
    if len(node.entities) == 1 and len(node.entities[0].paths) == 1:
        path = path_segments(node.entities[0].paths[0])
        return {"kind": "Flatten", "path": path, "node": fetch}
    fetch.pop("requires", None)
    fetch.pop("outputRewrites", None)
    fetch.pop("contextRewrites", None)
    aliases = [
        {
            "alias": group.alias,
            "representationsVariableName": group.variable,
            "paths": [path_segments(path) for path in group.paths],
            "requires": [_required(item) for item in group.requires],
            "outputRewrites": [_renamer(item) for item in group.output_rewrites],
        }
        | _context_rewrites(group)
        for group in node.entities
    ]
    return fetch | {"kind": "BatchFetch", "entityBatch": {"aliases": aliases}}


def _fetch(node: FetchNode) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": "Fetch", "serviceName": node.service_name}
    if node.id is not None:
        found["id"] = str(node.id)
    if len(node.entities) == 1:
        found["requires"] = [_required(item) for item in node.entities[0].requires]
    contextual = [v.variable + group.suffix for group in node.entities for v in group.contexts]
    found["variableUsages"] = [*node.variable_usages, *contextual]
    found["operation"] = node.operation
    if node.operation_name is not None:
        found["operationName"] = node.operation_name
    found["operationKind"] = node.operation_kind
    rewrites = node.entities[0].output_rewrites if node.entities else node.output_rewrites
    if rewrites:
        found["outputRewrites"] = [_renamer(item) for item in rewrites]
    if node.entities:
        found |= _context_rewrites(node.entities[0])
    return found


def _context_rewrites(group: EntityGroup) -> dict[str, Any]:
    """Where the values of contexts stand, as seen from the objects that are fetched."""
    rewrites = [
        {"kind": "KeyRenamer", "path": steps, "renameKeyTo": value.variable + group.suffix}
        for value in group.contexts
        for source in value.sources
        for steps in context_steps(source, group.paths[0])
    ]
    return {"contextRewrites": rewrites} if rewrites else {}


def _renamer(renamer: KeyRenamer) -> dict[str, Any]:
    path = [*path_segments(renamer.path), renamer.requested]
    return {"kind": "KeyRenamer", "path": path, "renameKeyTo": renamer.response_key}


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
