"""Plan: find the operation's query plan, from the cache or the planner.

A plan never depends on variables' values, so all requests with the same document text, operation
name and active override labels share it.
"""

from supergraph.stages.labels import label_use
from supergraph.stages.request import Operation, PreparedOperation
from supergraph.stages.supergraph import Supergraph

__all__ = ["plan_operation"]


def plan_operation(operation: Operation, supergraph: Supergraph) -> PreparedOperation:
    """The operation with its plan; raises `GatewayError` when none is found."""
    text = operation.document.text
    use = label_use(operation, supergraph)
    active = use.labels & operation.active_labels
    key = (text, operation.name, active)
    plan = supergraph.plans.get(key)
    if plan is None:
        plan = supergraph.planner.plan(operation.document.node, operation.name, active)
        if use.admit(active):
            supergraph.plans.put(key, plan, weight=len(text))
    return PreparedOperation(operation, plan, supergraph)
