"""Selections on an interface or union: as they stand where possible, else per object type."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from supergraph.names import TypeName
from supergraph.planner.operation import NO_CONDITIONS, Field, Fragment, Selection, Selections
from supergraph.planner.query_tree import FieldBranch, FragmentBranch, QueryTree, Solution
from supergraph.planner.walk.cost import cost_of_types
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import FieldEdge, Node

if TYPE_CHECKING:
    from supergraph.planner.walk.walk import Walker

__all__ = ["solve_abstract"]


def solve_abstract(
    walker: "Walker", node: Node, selections: Selections, provided: Selections
) -> Solution:
    """Solve each selection on the type itself, or for every object type it can be."""
    branches: list[FieldBranch] = []
    fragments: list[FragmentBranch] = []
    per_object: list[Selection] = []
    rest: list[Selection] = []
    cost = 0
    for selection in selections:
        direct = _direct_branch(walker, node, selection, provided)
        if direct is not None:
            branch, branch_cost = direct
            if isinstance(branch, FieldBranch):
                branches.append(branch)
            else:
                fragments.append(branch)
            cost += branch_cost
        elif isinstance(selection, Field) and not _is_resolvable_for_all(
            walker, node, selection, provided
        ):
            rest.append(selection)
        else:
            per_object.append(selection)
    solutions: list[Solution] = []
    for type_name in sorted(walker.graph.possible_types(node)):
        own = tuple(_that_count(walker.graph, type_name, per_object))
        if not own:
            continue
        solution = _solve_for(walker, node, type_name, own, provided)
        fragments.append(FragmentBranch(type_name, NO_CONDITIONS, solution.tree))
        solutions.append(solution)
        if solution.rest:
            rest.append(Fragment(type_name, solution.rest))
    tree = QueryTree(node, tuple(branches), tuple(fragments), selects_typename=True)
    return Solution(tree, tuple(rest), cost + cost_of_types(solutions))


def _solve_for(
    walker: "Walker", node: Node, type_name: TypeName, selections: Selections, provided: Selections
) -> Solution:
    """Solve for one object type that a value at the node can be of."""
    of_type = walker.field_sets.provided_on(type_name, provided)
    return walker.solve(Node(node.subgraph, type_name), selections, of_type)


def _that_count(
    graph: QueryGraph, type_name: TypeName, selections: Iterable[Selection]
) -> Iterable[Selection]:
    return (
        selection
        for selection in selections
        if isinstance(selection, Field)
        or type_name in graph.api_possible_types(selection.type_condition)
    )


def _is_resolvable_for_all(
    walker: "Walker", node: Node, field: Field, provided: Selections
) -> bool:
    """Whether the field can be had for every type the value can have here.

    Another subgraph that returns the same value may know other types, so what is had from here
    for some types and from there for others would not be one answer.
    """
    possible = walker.graph.possible_types(node)
    return bool(possible) and not any(
        _solve_for(walker, node, type_name, (field,), provided).rest for type_name in possible
    )


def _direct_branch(
    walker: "Walker", node: Node, selection: Selection, provided: Selections
) -> tuple[FieldBranch | FragmentBranch, int] | None:
    """The selection as it stands, if the subgraph resolves it for every possible type."""
    if isinstance(selection, Fragment):
        return _direct_fragment(walker, node, selection, provided)
    if selection.name == "__typename":
        return FieldBranch(selection, None, None), 0
    edge = walker.graph.field_edge(node, selection.name)
    if edge is None or not _is_free_for_all(walker.graph, edge):
        return None
    option = walker.option(edge, selection, (), None)
    if option.rest:
        return None
    return FieldBranch(selection, edge, option.tree), option.cost


def _direct_fragment(
    walker: "Walker", node: Node, fragment: Fragment, provided: Selections
) -> tuple[FragmentBranch, int] | None:
    """A fragment that selects the same values in the subgraph as in the API.

    An abstract type with fewer possible types in the subgraph than in the whole would leave values
    out, so it is solved per object type instead.
    """
    graph = walker.graph
    inner = Node(node.subgraph, fragment.type_condition)
    if not graph.is_abstract(inner.type_name) or not graph.has_type(inner):
        return None
    possible = graph.possible_types(node)
    whole = graph.api_possible_types(inner.type_name)
    if graph.possible_types(inner) & possible != whole & possible:
        return None
    solution = walker.solve(inner, fragment.selections, provided)
    if solution.rest:
        return None
    return FragmentBranch(inner.type_name, fragment.conditions, solution.tree), solution.cost


def _is_free_for_all(graph: QueryGraph, edge: FieldEdge) -> bool:
    """Whether the subgraph resolves the field, needing nothing, for every possible type."""
    if edge.join.external:
        return False
    for type_name in graph.possible_types(edge.tail):
        own = graph.field_edge(Node(edge.tail.subgraph, type_name), edge.name)
        if own is None or not own.is_free:
            return False
    return True
