"""The runnable form of a plan's nodes."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from supergraph.errors import broken_invariant
from supergraph.executor.contextual_fetch import ContextualFetch
from supergraph.executor.entity_fetch import EntityFetch
from supergraph.executor.root_fetch import RootFetch
from supergraph.executor.run import Run
from supergraph.planner.operation import Condition
from supergraph.planner.plan_nodes import (
    ConditionNode,
    FetchNode,
    ParallelNode,
    PlanNode,
    SequenceNode,
    SubscriptionNode,
)

__all__ = ["Step", "Steps"]


class Step(Protocol):
    """Something to run; it adds to the run's data and errors, and raises for neither."""

    async def run(self, run: Run) -> None:
        """Run it and everything below it."""


class Steps:
    """All steps of a plan, or of one part of it.

    `root` is what is run for a query or mutation, and for each event of a subscription; `primary`
    is the fetch that opens a subscription. In a plan's part, fetches that other parts wait for
    note when they are done; `awaited` has their ids.
    """

    def __init__(self, node: PlanNode | None, *, is_part: bool = False) -> None:
        self.root: Step | None = None
        self.primary: RootFetch | None = None
        self.awaited: list[int] = []
        self._is_part = is_part
        self._entity_fetches: list[EntityFetch] = []
        if isinstance(node, SubscriptionNode):
            self.primary = RootFetch(node.primary)
            node = node.rest
        if node is not None:
            shared = _asked_more_than_once(node)
            self.root = self._step(node, shared)

    def generate(self) -> None:
        """Let generated code do what most of a run's time is spent on."""
        for fetch in self._entity_fetches:
            fetch.generate()

    def _step(self, node: PlanNode, shared: frozenset[object]) -> Step:
        match node:
            case FetchNode():
                fetch = self._fetch(node, shared)
                if node.id is None or not self._is_part:
                    return fetch
                self.awaited.append(node.id)
                return _Awaited(node.id, fetch)
            case SequenceNode():
                return _Sequence([self._step(item, shared) for item in node.nodes])
            case ParallelNode():
                return _Parallel([self._step(item, shared) for item in node.nodes])
            case ConditionNode():
                return _Conditional(node.condition, self._step(node.node, shared))
            case SubscriptionNode():
                broken_invariant("a subscription is opened, not run")

    def _fetch(self, node: FetchNode, shared: frozenset[object]) -> Step:
        if not node.entities:
            return RootFetch(node)
        if any(group.contexts for group in node.entities):
            return ContextualFetch(node)
        fetch = EntityFetch(node, shared)
        self._entity_fetches.append(fetch)
        return fetch


class _Awaited:
    """A fetch that other parts of the plan wait for."""

    def __init__(self, id_: int, step: Step) -> None:
        self._id = id_
        self._step = step

    async def run(self, run: Run) -> None:
        await self._step.run(run)
        if run.note_fetched is not None:
            run.note_fetched(self._id)


class _Sequence:
    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps

    async def run(self, run: Run) -> None:
        for step in self._steps:
            await step.run(run)


class _Parallel:
    """All at the same time: one of them in the task that is there, the others in their own."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._here = steps[-1]
        self._beside = steps[:-1]

    async def run(self, run: Run) -> None:
        tasks = [asyncio.ensure_future(step.run(run)) for step in self._beside]
        try:
            await self._here.run(run)
            for task in tasks:
                await task
        except BaseException:
            # Cancelled, or a broken invariant: nothing may go on behind the caller's back.
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise


class _Conditional:
    def __init__(self, condition: Condition, step: Step) -> None:
        self._condition = condition
        self._step = step

    async def run(self, run: Run) -> None:
        if run.holds((self._condition,)):
            await self._step.run(run)


def _asked_more_than_once(node: PlanNode) -> frozenset[object]:
    """The tables of entities that several fetches of a plan use."""
    counts = Counter(
        (fetch.service_name, *group.asks)
        for fetch in _fetches(node)
        for group in fetch.entities
        if not group.contexts
    )
    return frozenset(key for key, count in counts.items() if count > 1)


def _fetches(node: PlanNode) -> Iterator[FetchNode]:
    match node:
        case FetchNode():
            yield node
        case SequenceNode() | ParallelNode():
            for item in node.nodes:
                yield from _fetches(item)
        case ConditionNode():
            yield from _fetches(node.node)
        case SubscriptionNode():
            broken_invariant("a subscription is opened, not run")
