"""The walk over the query graph that builds the query tree.

Theory of operation. `solve` takes a node (a type in a subgraph) and selections on that type, and
returns a tree for as much of them as can be resolved from there, the rest, and the cost. There are
three kinds of nodes, a module each: `object_types`, `abstract_types`, `interface_objects`.

At an object type every field has options: on the spot, or after entering another subgraph by a
key; `choose` picks the cheapest combination. What a subgraph needs before it can be entered (key
and `@requires` fields) is itself a set of selections on the node that is left, so it is solved by
the same function. At an abstract type a field stays on the type where the subgraph resolves it for
every possible object type; otherwise it is solved per object type.

A field whose selections no single option covers is split: the option that covers most takes its
part, and the remainder is a field of its own. What still remains goes up as `rest`, where the
field above may have another option.

Two things keep this bounded. Solutions are memoised by node and selections, and conditions carry a
guard of the entries being solved, so that a key is never looked for by means of itself; a guard
deeper than `CONDITION_DEPTH_MAX` finds no way. `SOLUTIONS_MAX` ends what is adversarial all the
same.
"""

from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from supergraph.error_codes import runtime as codes
from supergraph.errors import GatewayError
from supergraph.planner.operation import Field, Selections, count_leaves
from supergraph.planner.query_tree import QueryTree, Solution
from supergraph.planner.walk.abstract_types import solve_abstract
from supergraph.planner.walk.interface_objects import solve_interface_object
from supergraph.planner.walk.object_types import solve_object
from supergraph.planner.walk.options import Entry, Option, choose
from supergraph.planner.walk.selections import SelectionViews
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import FieldEdge, Node

__all__ = ["CONDITION_DEPTH_MAX", "LATER_LEAF_COST", "Walker", "Way"]

#: How many conditions may be nested: a key that needs a key that needs a key...
CONDITION_DEPTH_MAX = 12

#: Different solutions looked for before planning is given up with QUERY_PLANNING_FAILED. The
#: heaviest operations of the benchmarks need some hundreds.
SOLUTIONS_MAX = 50_000

#: What a leaf costs that is fetched by a move, in requests. Small enough that the leaves of an
#: operation (NORMALIZED_FIELDS_MAX) seldom outweigh one request, and only where they are thousands.
LATER_LEAF_COST = 0.0001

_Guard: TypeAlias = frozenset[tuple[Any, ...]]


class Way(NamedTuple):
    """How a node was come to: the external fields provided there, the entries being solved."""

    provided: Selections = ()
    guard: _Guard = frozenset()


#: Nothing provided, nothing being solved.
STRAIGHT = Way()


class Walker:
    """Solves selections on nodes; one walker serves one operation, its memo lives as long."""

    def __init__(self, graph: QueryGraph) -> None:
        self.graph = graph
        self.views = SelectionViews(graph)
        self._solutions: dict[tuple[Any, ...], Solution] = {}
        self._entries: dict[tuple[Any, ...], Entry | None] = {}

    def solve(self, node: Node, selections: Selections, way: Way = STRAIGHT) -> Solution:
        """A tree for the selections at a node."""
        key = (node, selections, way)
        solution = self._solutions.get(key)
        if solution is None:
            if len(self._solutions) >= SOLUTIONS_MAX:
                raise GatewayError(
                    codes.QUERY_PLANNING_FAILED,
                    f"planning was given up after {SOLUTIONS_MAX} partial solutions",
                )
            if self.graph.is_interface_object(node):
                solution = solve_interface_object(self, node, selections, way)
            elif self.graph.is_abstract(node.type_name):
                solution = solve_abstract(self, node, selections, way)
            else:
                solution = solve_object(self, node, selections, way)
            self._solutions[key] = solution
        return solution

    def root_options(self, heads: list[Node], field: Field) -> list[Option]:
        """The ways to resolve a root field: one for each subgraph that has it."""
        found = []
        for head in heads:
            edge = self.graph.field_edge(head, field.name)
            if edge is not None and not edge.join.external:
                entry = Entry(head, (), None, 0.0, (head,))
                found.append(self.option(edge, field, STRAIGHT, entry))
        return found

    def local_option(self, node: Node, field: Field, way: Way) -> Option | None:
        """The field resolved on the spot, if the subgraph does that."""
        edge = self.graph.field_edge(node, field.name)
        if edge is None:
            return None
        opened = self.views.provided_field(node.type_name, field.name, way.provided)
        if opened is None and (edge.join.requires or edge.join.external):
            return None
        below = opened.selections if opened is not None else ()
        return self.option(edge, field, way._replace(provided=below), None)

    def move_options(self, node: Node, field: Field, way: Way) -> list[Option]:
        """The field resolved after entering another subgraph, once for each that has it."""
        found: list[Option] = []
        heads = dict.fromkeys(edge.head for edge in self.graph.entity_edges(node.type_name))
        for head in heads:
            edge = self.graph.field_edge(head, field.name)
            if edge is None or edge.join.external:
                continue
            if head == node and not edge.join.requires:
                continue  # entering the same place again brings nothing but `@requires` inputs
            entry = self.entry(node, head, edge.join.requires, way)
            if entry is not None:
                found.append(self.option(edge, field, way._replace(provided=()), entry))
        if node.type_name == self.graph.state.roots.get("query"):
            found += self._root_again(node, field, way)
        return found

    def _root_again(self, node: Node, field: Field, way: Way) -> list[Option]:
        """A value of the query type (`mutation { save { query { ... } } }`) starts anew."""
        found = []
        for head in self.graph.root_nodes(node.type_name):
            edge = self.graph.field_edge(head, field.name)
            if head != node and edge is not None and not edge.join.external:
                entry = Entry(head, (), QueryTree(node), 0.0, (head,))
                found.append(self.option(edge, field, way._replace(provided=()), entry))
        return found

    def option(self, edge: FieldEdge, field: Field, way: Way, entry: Entry | None) -> Option:
        """The field over an edge. `way.provided` are fields provided below it."""
        # Of two ways with as many requests, the one on which less waits for a later one is better.
        waiting = 0.0
        if entry is not None and entry.condition is not None:
            waiting = LATER_LEAF_COST * max(1, count_leaves(field.selections))
        if not self.graph.is_composite(edge.head.type_name):
            return Option(field, edge, entry, None, (), waiting)
        if edge.join.provides:
            provides = self.views.field_set(edge.join.provides, edge.head.type_name)
            way = way._replace(provided=way.provided + provides)
        solution = self.solve(edge.head, field.selections, way)
        return Option(field, edge, entry, solution.tree, solution.rest, solution.cost + waiting)

    def entry(self, node: Node, head: Node, requires: str | None, way: Way) -> Entry | None:
        """The cheapest way from a node into an entity elsewhere; None where there is none."""
        memo = (node, head, requires, way)
        if memo not in self._entries:
            self._entries[memo] = self._find_entry(node, head, requires, way)
        return self._entries[memo]

    def _find_entry(self, node: Node, head: Node, requires: str | None, way: Way) -> Entry | None:
        best: Entry | None = None
        if len(way.guard) >= CONDITION_DEPTH_MAX:
            return None
        for edge in self.graph.entity_edges(head.type_name):
            mark = (head, edge.key, requires)
            if edge.head != head or mark in way.guard:
                continue
            required = self.views.field_set(
                f"{edge.key} {requires}" if requires else edge.key, head.type_name
            )
            solution = self.solve(node, required, way._replace(guard=way.guard | {mark}))
            if solution.rest:
                continue
            if best is None or solution.cost < best.cost:
                best = Entry(head, required, solution.tree, solution.cost, mark)
            if best.cost == 0:
                break
        return best

    def assemble(
        self, fields: list[Field], options_of: dict[Field, list[Option]]
    ) -> tuple[list[Option], list[Field]]:
        """Choose an option for each field; also returns the fields (or parts) that have none."""
        items: list[list[Option]] = []
        partial: list[Option] = []
        rest: list[Field] = []
        for field in fields:
            complete, parts, remainder = self._split(field, options_of[field])
            partial.extend(parts)
            if complete:
                items.append(complete)
            if remainder is not None:
                rest.append(remainder)
        entered = {part.entry.head.subgraph for part in partial if part.entry is not None}
        return partial + choose(items, entered), rest

    def _split(
        self, field: Field, options: list[Option]
    ) -> tuple[list[Option], list[Option], Field | None]:
        """Complete options of a field; or else parts that together cover it, and what is left."""
        parts: list[Option] = []
        while True:
            complete = [option for option in options if not option.rest]
            if complete:
                return complete, parts, None
            wanted = count_leaves(field.selections)
            covering = [option for option in options if count_leaves(option.rest) < wanted]
            if not covering:
                return [], parts, field
            best = min(covering, key=lambda option: (count_leaves(option.rest), option.cost))
            parts.append(best)
            remainder = field = replace(field, selections=best.rest)
            options = [self._again(option, remainder) for option in options if option is not best]

    def _again(self, option: Option, field: Field) -> Option:
        """The same way, for a field with fewer selections."""
        if option.tree is None:
            return replace(option, field=field)
        solution = self.solve(option.tree.node, field.selections)
        return replace(
            option, field=field, tree=solution.tree, rest=solution.rest, cost=solution.cost
        )
