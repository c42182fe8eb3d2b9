"""The fetches of a deferred part, at a place where another part's fetches have been.

Unlike elsewhere, a field is not taken on the spot though it could be: then it would come with what
is not deferred. It is fetched by entering a subgraph by key, the same as well as another. Only
where no key leads to a field it is asked for on the spot.
"""

from supergraph.planner.operation import NO_CONDITIONS, Field, Selections
from supergraph.planner.query_tree import FragmentBranch, QueryTree, Solution
from supergraph.planner.walk.object_types import object_solution
from supergraph.planner.walk.options import Entry, Goal, Option
from supergraph.planner.walk.walk import Walker
from supergraph.query_graph.nodes import Node

__all__ = ["solve_deferred"]


def solve_deferred(walker: Walker, node: Node, selections: Selections) -> Solution:
    """The tree of a deferred part's selections at a node, the rest, and the cost."""
    if walker.graph.is_interface_object(node):
        return Solution(QueryTree(node), selections, 0)
    if not walker.graph.is_abstract(node.type_name):
        return _solve_object(walker, node, selections)
    fragments: list[FragmentBranch] = []
    rest: Selections = ()
    for type_name in sorted(walker.graph.possible_types(node)):
        solution = _solve_object(walker, Node(node.subgraph, type_name), selections)
        rest += solution.rest
        if solution.tree.fields or solution.tree.moves:
            fragments.append(FragmentBranch(type_name, NO_CONDITIONS, solution.tree))
    return Solution(QueryTree(node, fragments=tuple(fragments)), rest, 0)


def _solve_object(walker: Walker, node: Node, selections: Selections) -> Solution:
    fields = [
        field
        for field in walker.views.fields_on(node.type_name, selections)
        if field.name != "__typename"
    ]
    chosen, rest = walker.assemble(
        fields, {field: _options(walker, node, field) for field in fields}
    )
    return object_solution(node, [], chosen, tuple(rest))


def _options(walker: Walker, node: Node, field: Field) -> list[Option]:
    options = [
        *_resumptions(walker, node, field),
        *walker.move_options(node, field, ()),
    ]
    if any(not option.rest for option in options):
        return options
    local = walker.local_option(node, field, ())
    return options if local is None else [local, *options]


def _resumptions(walker: Walker, node: Node, field: Field) -> list[Option]:
    """The field from the same subgraph, which is entered again."""
    edge = walker.graph.field_edge(node, field.name)
    if edge is None or edge.join.external or edge.join.requires:
        return []
    if node.type_name == walker.graph.state.roots.get("query"):
        entry: Entry | None = Entry(node, (), QueryTree(node), 0, (node,))
    else:
        entry = walker.entry(Goal(node, node, None, ()))
    return [] if entry is None else [walker.option(edge, field, (), entry)]
