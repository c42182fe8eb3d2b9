"""Every fetch of a plan with its wave and what it waits for: what pictures and budgets are made of.

A fetch is in the wave after the last one it waits for. Waves are those of the plan's tree: a fetch
that follows a parallel block waits for all that ends the block.
"""

from dataclasses import dataclass

from supergraph.planner.operation import NO_CONDITIONS, Conditions
from supergraph.planner.plan_nodes import (
    ConditionNode,
    FetchNode,
    ParallelNode,
    PlanNode,
    QueryPlan,
    SequenceNode,
    SubscriptionNode,
)

__all__ = ["PlannedFetch", "planned_fetches"]


@dataclass(frozen=True, slots=True)
class PlannedFetch:
    """A fetch of a plan. Waves and numbers count from 1; `waits_for` holds numbers."""

    number: int
    fetch: FetchNode
    wave: int
    waits_for: tuple[int, ...]
    conditions: Conditions


def planned_fetches(plan: QueryPlan) -> list[PlannedFetch]:
    """The plan's fetches, each after those it waits for."""
    collector = _Collector()
    if plan.node is not None:
        collector.visit(plan.node, (), NO_CONDITIONS)
    return collector.found


class _Collector:
    def __init__(self) -> None:
        self.found: list[PlannedFetch] = []

    def visit(
        self, node: PlanNode, after: tuple[int, ...], conditions: Conditions
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

    def _add(
        self, fetch: FetchNode, after: tuple[int, ...], conditions: Conditions
    ) -> tuple[int, ...]:
        wave = 1 + max((self.found[number - 1].wave for number in after), default=0)
        number = len(self.found) + 1
        self.found.append(PlannedFetch(number, fetch, wave, after, conditions))
        return (number,)
