"""The ways into entities, found once for a supergraph: they are the same in every operation.

Theory of operation. To enter an entity somewhere, a key must be known, and with it what the
entered field requires. Knowing it may take entering a third subgraph, and that a fourth, in
circles. So the ways are the least fixed point of their costs, and found in the order of these, as
Knuth generalised Dijkstra's algorithm
(https://doi.org/10.1016/0020-0190(77)90002-3): a goal's candidate uses settled goals only, and
since a way costs no less than each of the ways it uses, the cheapest candidate of all is settled
next. When no goal has a candidate any more, those left have no way. Goals are looked at on demand:
a candidate names the goals it would have liked to use.
"""

from collections.abc import Iterable
from typing import NamedTuple

from supergraph.planner.walk.budget import Budget
from supergraph.planner.walk.field_sets import FieldSets
from supergraph.planner.walk.options import Entry, Goal
from supergraph.planner.walk.walk import Walker
from supergraph.query_graph.graph import QueryGraph

__all__ = ["ENTRIES_MAX", "Entries"]

#: Ways kept. Beyond it all are forgotten, and found again when they are needed.
ENTRIES_MAX = 20_000


class Entries:
    """The cheapest ways into the entities of one supergraph."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._field_sets = FieldSets(graph)
        self._found: dict[Goal, Entry | None] = {}

    def walker(self, budget: Budget) -> Walker:
        """A walker for one operation."""
        return Walker(self._graph, self._field_sets, self, budget)

    def find(self, goal: Goal, budget: Budget) -> Entry | None:
        """The cheapest way to a goal; None where there is none."""
        if goal not in self._found:
            if len(self._found) >= ENTRIES_MAX:
                self._found.clear()
            _Search(self._graph, self._field_sets, self._found).run(goal, budget)
        return self._found[goal]


class _Candidate(NamedTuple):
    """The best way to a goal as far as is known, and the goals it could not use yet."""

    entry: Entry | None
    missed: frozenset[Goal]


class _Search:
    """One search; to the walkers of its candidates it stands in for `Entries`."""

    def __init__(
        self, graph: QueryGraph, field_sets: FieldSets, found: dict[Goal, Entry | None]
    ) -> None:
        self._graph = graph
        self._field_sets = field_sets
        self._found = found
        self._open: dict[Goal, _Candidate] = {}
        self._missed: dict[Goal, None] = {}

    def find(self, goal: Goal, _budget: Budget) -> Entry | None:
        """The way to a goal if that is settled; it is noted as missed otherwise."""
        if goal in self._found:
            return self._found[goal]
        self._missed[goal] = None
        return None

    def run(self, goal: Goal, budget: Budget) -> None:
        """Settle goals until this one is."""
        stale: Iterable[Goal] = (goal,)
        while goal not in self._found:
            settled = self._look_at(stale, budget) or self._settle_cheapest()
            if not settled:
                self._found |= dict.fromkeys(self._open)
                return
            stale = [
                each
                for each, candidate in self._open.items()
                if not settled.isdisjoint(candidate.missed)
            ]

    def _look_at(self, goals: Iterable[Goal], budget: Budget) -> set[Goal]:
        """Renew candidates, and find those of goals they miss; settle what costs nothing."""
        settled: set[Goal] = set()
        queue = dict.fromkeys(goals)
        while queue:
            goal = next(iter(queue))
            del queue[goal]
            candidate = self._candidate(goal, budget)
            if candidate.entry is not None and candidate.entry.cost == 0:
                self._found[goal] = candidate.entry
                self._open.pop(goal, None)
                settled.add(goal)
                continue
            self._open[goal] = candidate
            for missed in candidate.missed:
                if missed not in self._open and missed not in self._found:
                    queue[missed] = None
        return settled

    def _settle_cheapest(self) -> set[Goal]:
        """Settle the goals that none other can make cheaper."""
        ways = {goal: entry for goal, (entry, _) in self._open.items() if entry is not None}
        least = min((entry.cost for entry in ways.values()), default=0)
        settled = {goal for goal, entry in ways.items() if entry.cost == least}
        for goal in settled:
            self._found[goal] = ways[goal]
            del self._open[goal]
        return settled

    def _candidate(self, goal: Goal, budget: Budget) -> _Candidate:
        self._missed = {}
        walker = Walker(self._graph, self._field_sets, self, budget)
        best: Entry | None = None
        for key in self._graph.keys_at(goal.head):
            required = self._field_sets.normalized(
                f"{key} {goal.requires}" if goal.requires else key, goal.head.type_name
            )
            solution = walker.solve(goal.node, required, goal.provided)
            if not solution.rest and (best is None or solution.cost < best.cost):
                identity = (goal.head, key, goal.requires)
                best = Entry(goal.head, required, solution.tree, solution.cost, identity)
                if best.cost == 0:
                    break
        return _Candidate(best, frozenset(self._missed))
