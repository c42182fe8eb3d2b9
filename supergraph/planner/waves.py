"""Every fetch of a plan with its wave and what it waits for: what pictures and budgets are made of.

A fetch is in the wave after the last one it waits for. Waves are those of the plan's tree: a fetch
that follows a parallel block waits for all that ends the block, a deferred one for the fetches that
its part depends on. Where a variable decides what is deferred, the plan that defers is looked at.
"""

from dataclasses import dataclass

from supergraph.planner.operation import NO_CONDITIONS, Conditions
from supergraph.planner.plan_nodes import (
    ConditionNode,
    DeferConditionNode,
    DeferNode,
    FetchNode,
    IncrementalNode,
    ParallelNode,
    QueryPlan,
    SequenceNode,
    SubscriptionNode,
)

__all__ = ["PlannedFetch", "planned_fetches"]


@dataclass(frozen=True, slots=True)
class PlannedFetch:
    """A fetch of a plan. Waves and numbers count from 1; `waits_for` holds numbers.

    `deferred` names the deferred part it belongs to: its label, or else its path.
    """

    number: int
    fetch: FetchNode
    wave: int
    waits_for: tuple[int, ...]
    conditions: Conditions
    deferred: str | None = None


def planned_fetches(plan: QueryPlan) -> list[PlannedFetch]:
    """The plan's fetches, each after those it waits for."""
    collector = _Collector()
    if plan.shown is not None:
        collector.visit(plan.shown, (), NO_CONDITIONS)
    return collector.found


class _Collector:
    def __init__(self) -> None:
        self.found: list[PlannedFetch] = []
        self._by_id: dict[int, int] = {}
        self._deferred: str | None = None

    def visit(
        self, node: IncrementalNode, after: tuple[int, ...], conditions: Conditions
    ) -> tuple[int, ...]:
        """Collect below a node that starts after some fetches; the fetches it ends with."""
        match node:
            case FetchNode():
                return self._add(node, after, conditions)
            case SequenceNode():
                for item in node.nodes:
                    after = self.visit(item, after, conditions)
                return after
            case ParallelNode():
                ends = [self.visit(item, after, conditions) for item in node.nodes]
                return tuple(dict.fromkeys(number for end in ends for number in end))
            case ConditionNode():
                return self.visit(node.node, after, conditions | {node.condition})
            case SubscriptionNode():
                primary = self._add(node.primary, after, conditions)
                return self.visit(node.rest, primary, conditions) if node.rest else primary
            case DeferNode():
                return self._visit_parts(node, after, conditions)
            case DeferConditionNode():
                return self.visit(node.deferring, after, conditions) if node.deferring else after

    def _visit_parts(
        self, node: DeferNode, after: tuple[int, ...], conditions: Conditions
    ) -> tuple[int, ...]:
        around = self._deferred
        if node.primary.node is not None:
            self.visit(node.primary.node, after, conditions)
        for part in node.deferred:
            if part.node is not None:
                self._deferred = part.label or ".".join(part.path) or "the whole answer"
                awaited = tuple(self._by_id[number] for number in part.depends)
                self.visit(part.node, awaited, conditions)
        self._deferred = around
        return ()

    def _add(
        self, fetch: FetchNode, after: tuple[int, ...], conditions: Conditions
    ) -> tuple[int, ...]:
        wave = 1 + max((self.found[number - 1].wave for number in after), default=0)
        number = len(self.found) + 1
        if fetch.id is not None:
            self._by_id[fetch.id] = number
        self.found.append(PlannedFetch(number, fetch, wave, after, conditions, self._deferred))
        return (number,)
