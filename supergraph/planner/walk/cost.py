"""What a way costs: subgraph requests first, then the leaves that have to wait for a later one.

A cost is one integer, so that adding and comparing cost nothing themselves.
"""

from collections.abc import Iterable

from supergraph.planner.query_tree import Solution

__all__ = ["LATER_LEAF_COST", "REQUEST_COST", "cost_of_types"]

#: A leaf that is fetched by a move: of two ways with as many requests, the one on which less waits
#: is better.
LATER_LEAF_COST = 1

#: One subgraph request. More than any number of leaves: an operation has at most
#: NORMALIZED_FIELDS_MAX, but they are counted once per level and once per type they are had for.
REQUEST_COST = 1 << 48

#: Leaves below one place of an abstract type that make a difference.
_LEAVES_MAX = 1 << 24


def cost_of_types(solutions: Iterable[Solution]) -> int:
    """The cost of solutions for the object types that one place can hold.

    Fetches of several types that leave the place for one subgraph become one request; the requests
    behind these are taken to be as many as the dearest type needs.
    """
    entered: set[str] = set()
    behind = leaves = 0
    for solution in solutions:
        requests, own_leaves = divmod(solution.cost, REQUEST_COST)
        own = {move.tree.node.subgraph for move in solution.tree.moves}
        entered |= own
        behind = max(behind, requests - len(own))
        leaves += own_leaves
    return (len(entered) + behind) * REQUEST_COST + min(leaves, _LEAVES_MAX)
