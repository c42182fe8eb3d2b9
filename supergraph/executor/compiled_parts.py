"""The runnable form of a plan that answers in parts (`compiled` has that which answers at once)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from graphql import DocumentNode, GraphQLSchema

from supergraph.errors import broken_invariant
from supergraph.executor import compiled
from supergraph.executor.introspection import introspect, introspection_document
from supergraph.executor.projection import Projection, compile_projection
from supergraph.executor.steps import Steps
from supergraph.planner.operation import Deferral, Selections
from supergraph.planner.plan_nodes import (
    DeferConditionNode,
    DeferNode,
    DeferredNode,
    IncrementalNode,
    PlanNode,
    QueryPlan,
)

__all__ = ["CompiledParts", "PartSteps", "answers_in_parts", "compiled_parts"]


@dataclass(frozen=True, slots=True, eq=False)
class PartSteps:
    """The steps of a deferred part, which wait for the fetches with the ids in `depends`."""

    deferral: Deferral
    depends: tuple[int, ...]
    steps: Steps


class CompiledParts:
    """The steps of all parts, and the projection that finds where they stand in the answer."""

    def __init__(
        self,
        plan: QueryPlan,
        selections: Selections,
        primary: PlanNode | None,
        parts: list[PartSteps],
    ) -> None:
        self.primary = Steps(primary, is_part=True)
        self.parts = parts
        self.projection: Projection = compile_projection(
            plan.api_schema, plan.operation.root_type, selections
        )
        self._schema: GraphQLSchema = plan.api_schema
        self._introspection: DocumentNode | None = introspection_document(plan)
        self._uses = 0

    def count_use(self) -> None:
        """Note that the plan is run; generates its code when that has come to pay."""
        self._uses += 1
        if self._uses == compiled.GENERATE_AT_USE:
            for steps in (self.primary, *(part.steps for part in self.parts)):
                steps.generate()

    def introspected(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """What the gateway answers by itself."""
        if self._introspection is None:
            return {}
        return introspect(self._schema, self._introspection, variables)


#: The values of the variables that decide which fragments are deferred.
_Decisions = tuple[bool, ...]

# Bounded by the plan cache, and by the variables that decide (DEFERRAL_VARIABLES_MAX).
_COMPILED: WeakKeyDictionary[QueryPlan, dict[_Decisions, CompiledParts]] = WeakKeyDictionary()


def answers_in_parts(plan: QueryPlan, variables: Mapping[str, Any]) -> bool:
    """Whether something of the answer may come later, for these values of the variables."""
    return plan.streams or isinstance(_decided(plan, variables)[1], DeferNode)


def compiled_parts(plan: QueryPlan, variables: Mapping[str, Any]) -> CompiledParts:
    """The compiled form of a plan for these values, made on first use."""
    decisions, node = _decided(plan, variables)
    by_decisions = _COMPILED.setdefault(plan, {})
    if decisions not in by_decisions:
        by_decisions[decisions] = _compile(plan, node)
    return by_decisions[decisions]


def _decided(
    plan: QueryPlan, variables: Mapping[str, Any]
) -> tuple[_Decisions, IncrementalNode | None]:
    node = plan.incremental
    decisions: _Decisions = ()
    while isinstance(node, DeferConditionNode):
        holds = variables.get(node.variable) is True
        decisions = (*decisions, holds)
        node = node.deferring if holds else node.otherwise
    return decisions, node


def _compile(plan: QueryPlan, node: IncrementalNode | None) -> CompiledParts:
    if isinstance(node, DeferNode):
        parts = list(_parts(node.deferred))
        return CompiledParts(plan, node.primary.selections, node.primary.node, parts)
    return CompiledParts(plan, plan.operation.selections, plan.node, [])


def _parts(deferred: Iterable[DeferredNode]) -> Iterable[PartSteps]:
    for part in deferred:
        inner = part.node
        if isinstance(inner, DeferConditionNode):
            broken_invariant("a part of a plan has no conditions inside")
        own, below = (
            (inner.primary.node, inner.deferred) if isinstance(inner, DeferNode) else (inner, ())
        )
        yield PartSteps(part.deferral, part.depends, Steps(own, is_part=True))
        yield from _parts(below)
