"""Places and moves of the query graph."""

from dataclasses import dataclass
from typing import NamedTuple

from supergraph.federation.supergraph_state import FieldJoin
from supergraph.names import SubgraphName, TypeName

__all__ = ["EntityEdge", "FieldEdge", "Node"]


class Node(NamedTuple):
    """A type as one subgraph sees it."""

    subgraph: SubgraphName
    type_name: TypeName


@dataclass(frozen=True, slots=True)
class FieldEdge:
    """A step over a field inside one subgraph, to the node of the field's type there.

    An external field has an edge too, since a `@provides` can open it. `shape` is what two fields
    under one response key must have in common (https://spec.graphql.org/draft/#SameResponseShape()):
    the lists and non-nulls, and for a leaf its type. A field `is_free` where the subgraph resolves
    it without asking for anything of others, and `is_leaf` where nothing is selected below it.
    """

    tail: Node
    name: str
    head: Node
    list_depth: int
    shape: str
    join: FieldJoin
    is_free: bool
    is_leaf: bool


@dataclass(frozen=True, slots=True)
class EntityEdge:
    """A jump to an entity in another (or the same) subgraph, by one of its keys there.

    `key` is the field set that must be known beforehand.
    """

    head: Node
    key: str
