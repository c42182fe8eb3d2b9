"""The ways to resolve one field, and the cheapest choice among them for a whole level.

Cost is counted in subgraph requests. A subgraph that is entered costs one request however many
fields are asked from it, so the fields of a level are not chosen one by one: the chooser looks for
the cheapest set of subgraphs to enter, then gives each field its cheapest option within the set.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from supergraph.names import SubgraphName
from supergraph.planner.operation import Field, Selections
from supergraph.planner.query_tree import QueryTree
from supergraph.query_graph.nodes import FieldEdge, Node

__all__ = ["SUBGRAPH_SETS_MAX", "Entry", "Option", "choose"]

#: Sets of subgraphs tried for one level before the choice turns greedy. 2^8 covers every set of
#: eight candidates; levels with more candidates for the same fields are not known in practice.
SUBGRAPH_SETS_MAX = 256


@dataclass(frozen=True, slots=True)
class Entry:
    """A way into a subgraph: what must be known first, the tree that makes it known, its cost."""

    head: Node
    required: Selections
    condition: QueryTree | None
    cost: float
    identity: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One way to resolve a field; `entry` is None where the field is resolved on the spot."""

    field: Field
    edge: FieldEdge
    entry: Entry | None
    tree: QueryTree | None
    rest: Selections
    cost: float


def choose(items: Sequence[Sequence[Option]], entered: Iterable[SubgraphName]) -> list[Option]:
    """The cheapest option of each item, given that the `entered` subgraphs are paid for already.

    Every item must have an option. Equal costs are decided by the order of the options, which is
    the supergraph's: the result is deterministic.
    """
    paid = set(entered)
    candidates = list(
        dict.fromkeys(
            option.entry.head.subgraph
            for options in items
            for option in options
            if option.entry is not None and option.entry.head.subgraph not in paid
        )
    )
    best: tuple[float, list[Option]] | None = None
    tried = 0
    for size in range(len(candidates) + 1):
        if best is not None and size >= best[0]:
            break  # entering this many subgraphs alone costs as much as the best choice
        for subset in combinations(candidates, size):
            tried += 1
            chosen = _cheapest_within(items, paid.union(subset))
            if chosen is None:
                continue
            cost = size + _cost(chosen)
            if best is None or cost < best[0]:
                best = (cost, chosen)
        if tried >= SUBGRAPH_SETS_MAX and best is None:
            return _greedy(items, paid)
    return best[1] if best is not None else _greedy(items, paid)


def _cheapest_within(
    items: Sequence[Sequence[Option]], allowed: set[SubgraphName]
) -> list[Option] | None:
    chosen = []
    for options in items:
        usable = [
            option
            for option in options
            if option.entry is None or option.entry.head.subgraph in allowed
        ]
        if not usable:
            return None
        chosen.append(min(usable, key=_option_cost))
    return chosen


def _option_cost(option: Option) -> float:
    return option.cost + (option.entry.cost if option.entry is not None else 0.0)


def _cost(chosen: Iterable[Option]) -> float:
    entries: dict[tuple[Any, ...], float] = {}
    total = 0.0
    for option in chosen:
        total += option.cost
        if option.entry is not None:
            entries[option.entry.identity] = option.entry.cost
    return total + sum(entries.values())


def _greedy(items: Sequence[Sequence[Option]], paid: set[SubgraphName]) -> list[Option]:
    """Enter, again and again, the subgraph that serves most of what is left."""
    allowed = set(paid)
    while True:
        chosen = _cheapest_within(items, allowed)
        if chosen is not None:
            return chosen
        counts: dict[SubgraphName, int] = {}
        for options in items:
            heads = {option.entry.head.subgraph for option in options if option.entry is not None}
            if any(option.entry is None for option in options) or heads & allowed:
                continue
            for head in heads:
                counts[head] = counts.get(head, 0) + 1
        allowed.add(max(sorted(counts), key=lambda name: counts[name]))
