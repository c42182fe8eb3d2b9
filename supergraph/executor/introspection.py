"""Introspection fields are answered from the API schema; no subgraph is asked."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    execute_sync,
    visit,
)
from graphql.language import REMOVE, VisitorAction

from supergraph.errors import invariant
from supergraph.planner.plan_nodes import QueryPlan

__all__ = ["introspect", "introspection_document"]

_FIELDS = frozenset({"__schema", "__type"})


def introspection_document(plan: QueryPlan) -> DocumentNode | None:
    """The operation with nothing but its introspection fields; None when it has none.

    It says nothing of parts: what is answered at once may be sent later as well.
    """
    fragments = {
        node.name.value: node
        for node in plan.document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    selections = _introspection_only(plan.syntax.selection_set, fragments)
    if not selections.selections:
        return None
    operation = OperationDefinitionNode(
        operation=plan.syntax.operation,
        name=plan.syntax.name,
        variable_definitions=plan.syntax.variable_definitions,
        directives=(),
        selection_set=selections,
    )
    document = DocumentNode(definitions=(operation, *fragments.values()))
    whole: DocumentNode = visit(document, _Whole())
    return whole


class _Whole(Visitor):
    """Removes what asks for an answer in parts."""

    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        return REMOVE if node.name.value in {"defer", "stream"} else None


def introspect(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of the document's `__schema` and `__type` fields, by response key.

    https://spec.graphql.org/draft/#sec-Introspection
    """
    result = execute_sync(schema, document, variable_values=dict(variables))
    invariant(not result.errors, "a valid introspection query has a result")
    return result.data or {}


def _introspection_only(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> SelectionSetNode:
    """The root selections without everything that subgraphs resolve."""
    kept: list[SelectionNode] = []
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            if node.name.value in _FIELDS:
                kept.append(node)
            continue
        inner = None
        if isinstance(node, InlineFragmentNode):
            inner = node.selection_set
        elif isinstance(node, FragmentSpreadNode):
            inner = fragments[node.name.value].selection_set
        if inner is not None:
            pruned = _introspection_only(inner, fragments)
            if pruned.selections:
                kept.append(InlineFragmentNode(directives=node.directives, selection_set=pruned))
    return SelectionSetNode(selections=tuple(kept))
