"""The plan that answers at once what another would answer in parts.

For whom takes one answer only, which the specification allows: the primary part is run first, then
all deferred ones. Where a variable decides what is deferred, nothing is.
"""

from supergraph.planner.fetch.schedule import in_parallel, in_sequence
from supergraph.planner.plan_nodes import (
    DeferConditionNode,
    DeferNode,
    IncrementalNode,
    PlanNode,
)

__all__ = ["inline_deferred"]


def inline_deferred(node: IncrementalNode | None) -> PlanNode | None:
    """The same fetches, in an order that every part allows."""
    match node:
        case DeferNode():
            parts = [inline_deferred(part.node) for part in node.deferred]
            deferred = [part for part in parts if part is not None]
            nodes = [] if node.primary.node is None else [node.primary.node]
            nodes += [in_parallel(deferred)] if deferred else []
            return in_sequence(nodes) if nodes else None
        case DeferConditionNode():
            return inline_deferred(node.otherwise)
        case _:
            return node
