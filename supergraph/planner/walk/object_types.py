"""Selections on an object type: every field on the spot, or by a move into another subgraph."""

from typing import TYPE_CHECKING, Any

from supergraph.planner.operation import Field, Selections
from supergraph.planner.query_tree import FieldBranch, Move, QueryTree, Solution
from supergraph.planner.walk.cost import REQUEST_COST
from supergraph.planner.walk.options import Entry, Option
from supergraph.query_graph.nodes import Node

if TYPE_CHECKING:
    from supergraph.planner.walk.walk import Walker

__all__ = ["object_solution", "solve_object"]


def solve_object(
    walker: "Walker", node: Node, selections: Selections, provided: Selections
) -> Solution:
    """Solve the fields that count for the type."""
    branches: list[FieldBranch] = []
    pending: list[Field] = []
    options: dict[Field, list[Option]] = {}
    for field in walker.views.fields_on(node.type_name, selections):
        if field.name == "__typename":
            branches.append(FieldBranch(field, None, None))
            continue
        local = walker.local_option(node, field, provided)
        if local is not None and not local.rest and local.cost == 0:
            # Nothing can be cheaper than a field resolved on the spot.
            branches.append(FieldBranch(field, local.edge, local.tree))
            continue
        pending.append(field)
        options[field] = [local] if local is not None else []
        options[field] += walker.move_options(node, field, provided)
    chosen, rest = walker.assemble(pending, options)
    return object_solution(node, branches, chosen, tuple(rest))


def object_solution(
    node: Node, branches: list[FieldBranch], chosen: list[Option], rest: Selections
) -> Solution:
    """The solution of chosen options: those with one entry share a move."""
    by_entry: dict[tuple[Any, ...], tuple[Entry, list[FieldBranch]]] = {}
    cost = 0
    for option in chosen:
        branch = FieldBranch(option.field, option.edge, option.tree)
        cost += option.cost
        if option.entry is None:
            branches.append(branch)
            continue
        identity = option.entry.identity
        by_entry.setdefault(identity, (option.entry, []))[1].append(branch)
    cost += sum(entry.cost for entry, _ in by_entry.values())
    cost += REQUEST_COST * len({entry.head.subgraph for entry, _ in by_entry.values()})
    moves = tuple(
        Move(
            required=entry.required,
            condition=entry.condition or QueryTree(node),
            tree=QueryTree(entry.head, fields=tuple(own)),
        )
        for entry, own in by_entry.values()
    )
    return Solution(QueryTree(node, tuple(branches), moves=moves), rest, cost)
