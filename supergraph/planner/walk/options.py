"""The ways to resolve one field, and the cheapest choice among them for a whole level.

A subgraph that is entered costs one request however many fields are asked from it, so the fields
of a level are not chosen one by one: the chooser looks for the cheapest set of subgraphs to enter,
then gives each field its cheapest option within the set.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from supergraph.names import SubgraphName
from supergraph.planner.operation import Field, Selections
from supergraph.planner.query_tree import QueryTree
from supergraph.planner.walk.cost import REQUEST_COST
from supergraph.query_graph.nodes import FieldEdge, Node

__all__ = ["SUBGRAPH_SETS_MAX", "Entry", "Goal", "Option", "choose"]

#: Sets of subgraphs tried for one level before the choice turns greedy. 2^8 covers every set of
#: eight candidates; levels with more candidates for the same fields are not known in practice.
SUBGRAPH_SETS_MAX = 256


class Entry(NamedTuple):
    """A way into a subgraph: what must be known first, the tree that makes it known, its cost."""

    head: Node
    required: Selections
    condition: QueryTree | None
    cost: int
    identity: tuple[Any, ...]


class Goal(NamedTuple):
    """To enter `head` from `node`, knowing a key there and what a field there requires.

    `provided` are the external fields that can be had at the node.
    """

    node: Node
    head: Node
    requires: str | None
    provided: Selections


class Option(NamedTuple):
    """One way to resolve a field; `entry` is None where the field is resolved on the spot.

    `provided` are external fields that can be had below it nevertheless.
    """

    field: Field
    edge: FieldEdge
    entry: Entry | None
    provided: Selections
    tree: QueryTree | None
    rest: Selections
    cost: int


def choose(items: Sequence[Sequence[Option]], entered: Iterable[SubgraphName]) -> list[Option]:
    """The cheapest option of each item, given that the `entered` subgraphs are paid for already.

    Every item must have an option. Equal costs are decided by the order of the options, which is
    the supergraph's: the result is deterministic.
    """
    if all(len(options) == 1 for options in items):
        return [options[0] for options in items]
    # Hundreds of aliases of one field are one question.
    alike: dict[tuple[Any, ...], _Alike] = {}
    questions = [_question(options) for options in items]
    for question, options in zip(questions, items, strict=True):
        known = alike.get(question)
        alike[question] = _Alike(options, 1 if known is None else known.times + 1)
    chosen = _choose(list(alike.values()), set(entered))
    answers = dict(zip(alike, chosen, strict=True))
    return [options[answers[question]] for question, options in zip(questions, items, strict=True)]


class _Alike(NamedTuple):
    """So many items with the same costs by the same entries."""

    options: Sequence[Option]
    times: int


def _question(options: Iterable[Option]) -> tuple[Any, ...]:
    """All that the choice depends on."""
    return tuple(
        (None if option.entry is None else option.entry.identity, option.cost) for option in options
    )


def _choose(items: Sequence[_Alike], paid: set[SubgraphName]) -> list[int]:
    # What can be had in one way only is entered in any case, and leaves fewer sets to try.
    forced = {
        item.options[0].entry.head.subgraph
        for item in items
        if len(item.options) == 1 and item.options[0].entry is not None
    } - paid
    candidates = dict.fromkeys(
        option.entry.head.subgraph
        for item in items
        for option in item.options
        if option.entry is not None
    )
    free = [name for name in candidates if name not in paid and name not in forced]
    best: tuple[int, list[int]] | None = None
    tried = 0
    for size in range(len(free) + 1):
        entering = (size + len(forced)) * REQUEST_COST
        if best is not None and entering >= best[0]:
            break  # entering this many subgraphs alone costs as much as the best choice
        for subset in combinations(free, size):
            tried += 1
            if tried > SUBGRAPH_SETS_MAX:
                return best[1] if best is not None else _greedy(items, paid | forced)
            chosen = _cheapest_within(items, paid.union(forced, subset))
            if chosen is None:
                continue
            cost = entering + _cost(items, chosen)
            if best is None or cost < best[0]:
                best = (cost, chosen)
    return best[1] if best is not None else _greedy(items, paid | forced)


def _cheapest_within(items: Iterable[_Alike], allowed: set[SubgraphName]) -> list[int] | None:
    chosen = []
    for item in items:
        best: tuple[int, int] | None = None
        for index, option in enumerate(item.options):
            entry = option.entry
            if entry is not None and entry.head.subgraph not in allowed:
                continue
            cost = option.cost if entry is None else option.cost + entry.cost
            if best is None or cost < best[0]:
                best = (cost, index)
        if best is None:
            return None
        chosen.append(best[1])
    return chosen


def _cost(items: Iterable[_Alike], chosen: Iterable[int]) -> int:
    entries: dict[tuple[Any, ...], int] = {}
    total = 0
    for item, index in zip(items, chosen, strict=True):
        option = item.options[index]
        total += option.cost * item.times
        if option.entry is not None:
            entries[option.entry.identity] = option.entry.cost
    return total + sum(entries.values())


def _greedy(items: Sequence[_Alike], paid: set[SubgraphName]) -> list[int]:
    """Enter, again and again, the subgraph that serves most of what is left."""
    allowed = set(paid)
    while True:
        chosen = _cheapest_within(items, allowed)
        if chosen is not None:
            return chosen
        counts: dict[SubgraphName, int] = {}
        for item in items:
            entries = [option.entry for option in item.options]
            heads = {entry.head.subgraph for entry in entries if entry is not None}
            if None in entries or heads & allowed:
                continue
            for head in heads:
                counts[head] = counts.get(head, 0) + item.times
        allowed.add(max(sorted(counts), key=lambda name: counts[name]))
