"""Selections on an interface in a subgraph that treats it as an object (`@interfaceObject`).

What depends on the value's concrete type is asked from a subgraph that has the interface as such,
all in one move; the rest is like at an object type.
"""

from typing import TYPE_CHECKING

from supergraph.names import TypeName
from supergraph.planner.operation import Field, Selection, Selections
from supergraph.planner.query_tree import FieldBranch, Move, QueryTree, Solution
from supergraph.planner.walk.cost import REQUEST_COST
from supergraph.planner.walk.object_types import object_solution
from supergraph.planner.walk.options import Entry, Goal, Option
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import Node

if TYPE_CHECKING:
    from supergraph.planner.walk.walk import Walker

__all__ = ["solve_interface_object"]


def solve_interface_object(
    walker: "Walker", node: Node, selections: Selections, provided: Selections
) -> Solution:
    """Solve what any value of the interface has, then what depends on its type."""
    fields, concrete = _split_by_type(walker.graph, node.type_name, selections)
    branches: list[FieldBranch] = []
    pending: list[Field] = []
    options: dict[Field, list[Option]] = {}
    for field in fields:
        local = walker.local_option(node, field, provided)
        if local is not None and not local.rest and local.cost == 0:
            branches.append(FieldBranch(field, local.edge, local.tree))
            continue
        ways = [local] if local is not None else []
        ways += walker.move_options(node, field, provided)
        if any(not option.rest for option in ways):
            pending.append(field)
            options[field] = ways
        else:
            concrete.append(field)
    chosen, rest = walker.assemble(pending, options)
    solution = object_solution(node, branches, chosen, tuple(rest))
    if not concrete:
        return solution
    return _with_concrete(walker, solution, tuple(concrete), provided)


def _with_concrete(
    walker: "Walker", solution: Solution, concrete: Selections, provided: Selections
) -> Solution:
    node = solution.tree.node
    best: tuple[Entry, Solution] | None = None
    for head in walker.graph.entity_heads(node.type_name):
        if walker.graph.is_interface_object(head):
            continue
        entry = walker.entry(Goal(node, head, None, provided))
        if entry is None:
            continue
        entered = walker.solve(head, concrete)
        if best is None or _rank(walker, entry, entered) < _rank(walker, *best):
            best = (entry, entered)
    if best is None:
        return solution._replace(rest=solution.rest + concrete)
    entry, entered = best
    move = Move(entry.required, entry.condition or QueryTree(node), entered.tree)
    return Solution(
        solution.tree._replace(moves=(*solution.tree.moves, move)),
        solution.rest + entered.rest,
        solution.cost + REQUEST_COST + entry.cost + entered.cost,
    )


def _split_by_type(
    graph: QueryGraph, type_name: TypeName, selections: Selections
) -> tuple[list[Field], list[Selection]]:
    """Fields that any value of the interface has, and what depends on the concrete type."""
    fields: list[Field] = []
    concrete: list[Selection] = []
    whole = graph.api_possible_types(type_name)
    for selection in selections:
        if isinstance(selection, Field):
            (concrete if selection.name == "__typename" else fields).append(selection)
        elif (
            not selection.conditions
            and graph.is_abstract(selection.type_condition)
            and whole <= graph.api_possible_types(selection.type_condition)
            and all(isinstance(item, Field) for item in selection.selections)
        ):
            inner_fields, inner_concrete = _split_by_type(graph, type_name, selection.selections)
            fields += inner_fields
            concrete += inner_concrete
        else:
            concrete.append(selection)
    return fields, concrete


def _rank(walker: "Walker", entry: Entry, entered: Solution) -> tuple[int, int]:
    """Less is better: first what remains unresolved, then the cost."""
    return walker.views.leaves(entered.rest), entry.cost + entered.cost
