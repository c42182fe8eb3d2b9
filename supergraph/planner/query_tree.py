"""The query tree: for every part of an operation, the subgraph chosen to resolve it.

A tree stands at one node of the query graph. What its subgraph resolves hangs below it as fields
and fragments; what others must resolve leaves it by moves. Trees are never changed once made: the
walk memoises and shares them. They are named tuples, since an operation makes thousands of them.
"""

from typing import NamedTuple, TypeAlias

from supergraph.names import TypeName
from supergraph.planner.operation import Conditions, Field, Selections
from supergraph.query_graph.nodes import FieldEdge, Node

__all__ = [
    "DeferredBranch",
    "FieldBranch",
    "FragmentBranch",
    "Move",
    "QueryTree",
    "RootBranch",
    "Solution",
]


class FieldBranch(NamedTuple):
    """A field resolved at the tree's node; `tree` is what is selected below it.

    Only `__typename` has no edge: every type answers it.
    """

    field: Field
    edge: FieldEdge | None
    tree: "QueryTree | None"


class FragmentBranch(NamedTuple):
    """What is selected for values of one type only."""

    type_name: TypeName
    conditions: Conditions
    tree: "QueryTree"


class Move(NamedTuple):
    """A fetch leaving the tree: of an entity, or of root fields again at a value of a root type.

    `required` (key and `@requires` fields) must be known before; `condition` is the tree, at the
    node that is left, which makes it known. `tree` stands at the entity in the entered subgraph.
    """

    required: Selections
    condition: "QueryTree"
    tree: "QueryTree"


class DeferredBranch(NamedTuple):
    """What a deferred part of the operation, by its number, asks for at the tree's node."""

    part: int
    tree: "QueryTree"


class QueryTree(NamedTuple):
    """A node with everything that is resolved there or reached from there."""

    node: Node
    fields: tuple[FieldBranch, ...] = ()
    fragments: tuple[FragmentBranch, ...] = ()
    moves: tuple[Move, ...] = ()
    selects_typename: bool = False
    deferred: tuple[DeferredBranch, ...] = ()


class Solution(NamedTuple):
    """A tree for as much of the selections as can be resolved.

    `rest` is what cannot be reached from this node; the level above may know another way to it.
    `cost` is what the tree needs beyond the request it stands in (see `walk.cost`).
    """

    tree: QueryTree
    rest: Selections
    cost: int


#: An operation's root selections for one subgraph.
RootBranch: TypeAlias = QueryTree
