"""Turn the fetch graph of an operation's parts into a Defer node."""

from collections.abc import Mapping

from supergraph.errors import broken_invariant
from supergraph.planner.defer.parts import ANCHOR, Part
from supergraph.planner.fetch.schedule import Scheduler
from supergraph.planner.fetch.selection import FetchSelection
from supergraph.planner.fetch.step import FetchGraph, FetchStep
from supergraph.planner.operation import Deferral, Field, NormalizedOperation, Selections
from supergraph.planner.plan_nodes import DeferNode, DeferredNode, PlanNode, PrimaryNode
from supergraph.query_graph.graph import QueryGraph

__all__ = ["schedule_parts"]


def schedule_parts(
    graph: FetchGraph,
    primary: Part,
    numbers: Mapping[Deferral | None, int],
    operation: NormalizedOperation,
    query_graph: QueryGraph,
) -> DeferNode:
    """The plan of the parts; `numbers` tells which steps of the graph are whose."""
    scheduler = _PartScheduler(graph, numbers, operation, query_graph)
    return scheduler.defer(primary, operation.selections)


class _PartScheduler:
    def __init__(
        self,
        graph: FetchGraph,
        numbers: Mapping[Deferral | None, int],
        operation: NormalizedOperation,
        query_graph: QueryGraph,
    ) -> None:
        self._numbers = numbers
        self._steps = graph.steps
        awaited = {
            parent for step in graph.steps for parent in step.parents if parent.part != step.part
        }
        self._ids = {
            step: number
            for number, step in enumerate(step for step in graph.steps if step in awaited)
        }
        self._scheduler = Scheduler(graph, operation, query_graph, self._ids)

    def defer(self, part: Part, selections: Selections = ()) -> DeferNode:
        primary = PrimaryNode(_printed(part), self._node(part), selections)
        return DeferNode(primary, tuple(map(self._deferred, part.inner)))

    def _deferred(self, part: Part) -> DeferredNode:
        depends = {
            self._ids[parent]
            for step in self._of(part)
            for parent in step.parents
            if parent.part != step.part
        }
        deferral = part.deferral
        if deferral is None:
            broken_invariant("only the primary part is not deferred")
        return DeferredNode(
            depends=tuple(sorted(depends)),
            label=deferral.label,
            path=part.path,
            selection="" if part.inner else _printed(part),
            node=self.defer(part) if part.inner else self._node(part),
            deferral=deferral,
        )

    def _node(self, part: Part) -> PlanNode | None:
        own = self._of(part)
        if not own:
            return None
        others = frozenset(self._steps).difference(own)
        return self._scheduler.block(own, others)

    def _of(self, part: Part) -> list[FetchStep]:
        number = self._numbers.get(part.deferral)
        return [step for step in self._steps if step.part == number]


def _printed(part: Part) -> str:
    asked = _asked(part.selections)
    # A whole operation may be deferred, a part is never empty.
    return "" if part.around is None and asked.is_empty() else asked.print()


def _asked(selections: Selections) -> FetchSelection:
    asked = FetchSelection()
    for selection in selections:
        if selection is ANCHOR:
            continue  # an empty selection set is printed as `__typename` anyway
        inner = _asked(selection.selections)
        if isinstance(selection, Field):
            field = asked.add(
                selection.name, selection.response_key, selection.arguments, selection.conditions
            )
            if selection.selections:
                field.selection = field.selection or FetchSelection()
                field.selection.absorb(inner)
        else:
            asked.on_type(selection.type_condition, selection.conditions).absorb(inner)
    return asked
