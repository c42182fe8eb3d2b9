"""What the executor derives from a plan once and keeps as long as the plan lives."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from graphql import DocumentNode

from supergraph.executor.introspection import introspection_document
from supergraph.executor.projection import Projection, compile_projection
from supergraph.planner.plan_nodes import QueryPlan

__all__ = ["CompiledPlan", "compiled_plan"]


@dataclass(frozen=True, slots=True)
class CompiledPlan:
    """The projection of a plan, and its introspection part if there is one."""

    projection: Projection
    introspection: DocumentNode | None


# Bounded by the plan cache: an entry goes with its plan.
_COMPILED: WeakKeyDictionary[QueryPlan, CompiledPlan] = WeakKeyDictionary()


def compiled_plan(plan: QueryPlan) -> CompiledPlan:
    """The compiled form of a plan, made on first use."""
    compiled = _COMPILED.get(plan)
    if compiled is None:
        operation = plan.operation
        compiled = _COMPILED[plan] = CompiledPlan(
            compile_projection(plan.api_schema, operation.root_type, operation.selections),
            introspection_document(plan),
        )
    return compiled
