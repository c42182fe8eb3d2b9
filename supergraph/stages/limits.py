"""How much a document asks for, counted before validation and planning spend time on it.

Fragments are expanded as a planner would, since a short document can describe a huge operation.
The walk keeps its own stack and stops at the first limit it meets, so neither nesting nor
exponential expansion costs more than the limits allow. Fragments that spread themselves are left
to validation, which names them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from supergraph.config.gateway import LimitConfig
from supergraph.error_codes import runtime as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.errors import ClientError

__all__ = ["check_limits"]

#: A selection set to visit: the depth of its fields, and the fragments it stands in.
_Visit: TypeAlias = tuple[SelectionSetNode, int, frozenset[str]]


@dataclass(slots=True)
class _Budget:
    """Selections that may still be visited, over all operations of the document."""

    left: int


def check_limits(document: DocumentNode, limits: LimitConfig) -> None:
    """Raise `ClientError` with the code of the first limit that an operation is over."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    budget = _Budget(limits.fields)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            _check_operation(node, fragments, limits, budget)


def _check_operation(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    limits: LimitConfig,
    budget: _Budget,
) -> None:
    aliases = root_fields = 0
    stack: list[_Visit] = [(operation.selection_set, 1, frozenset())]
    while stack:
        selection_set, depth, inside = stack.pop()
        budget.left -= len(selection_set.selections)
        if budget.left < 0:
            raise _over(codes.MAX_FIELDS_LIMIT, "fields and fragments", limits.fields)
        for selection in selection_set.selections:
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name in fragments and name not in inside:
                    stack.append((fragments[name].selection_set, depth, inside | {name}))
                continue
            if isinstance(selection, FieldNode):
                aliases += selection.alias is not None
                root_fields += depth == 1
                _check_field(depth, aliases, root_fields, limits)
                if selection.selection_set is not None:
                    stack.append((selection.selection_set, depth + 1, inside))
            else:  # an inline fragment adds no level to the response
                stack.append((selection.selection_set, depth, inside))  # type: ignore[attr-defined]


def _check_field(depth: int, aliases: int, root_fields: int, limits: LimitConfig) -> None:
    if depth > limits.depth:
        raise _over(codes.MAX_DEPTH_LIMIT, "levels of fields", limits.depth)
    if aliases > limits.aliases:
        raise _over(codes.MAX_ALIASES_LIMIT, "aliases", limits.aliases)
    if root_fields > limits.root_fields:
        raise _over(codes.MAX_ROOT_FIELDS_LIMIT, "root fields", limits.root_fields)


def _over(code: ErrorCode, what: str, limit: int) -> ClientError:
    return ClientError(code, f"The operation has more than {limit} {what}")
