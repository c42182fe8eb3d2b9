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

What keeps this bounded: solutions are memoised by node and selections; the ways into entities are
found apart from any operation, without going in circles (see `entries`); and `Budget` ends what is
adversarial all the same.
"""

from dataclasses import replace
from typing import Any, Protocol

from supergraph.planner.operation import Field, Selections
from supergraph.planner.query_tree import QueryTree, Solution
from supergraph.planner.walk.abstract_types import solve_abstract
from supergraph.planner.walk.budget import Budget
from supergraph.planner.walk.cost import LATER_LEAF_COST
from supergraph.planner.walk.field_sets import FieldSets
from supergraph.planner.walk.interface_objects import solve_interface_object
from supergraph.planner.walk.object_types import solve_object
from supergraph.planner.walk.options import Entry, Goal, Option, choose
from supergraph.planner.walk.selections import SelectionViews
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import FieldEdge, Node

__all__ = ["EntryFinder", "Walker"]


class EntryFinder(Protocol):
    """Knows the ways into entities."""

    def find(self, goal: Goal, budget: Budget) -> Entry | None:
        """The cheapest way to a goal; None where there is none."""


class Walker:
    """Solves selections on nodes; one walker serves one operation, its memo lives as long."""

    def __init__(
        self, graph: QueryGraph, field_sets: FieldSets, entries: EntryFinder, budget: Budget
    ) -> None:
        self.graph = graph
        self.field_sets = field_sets
        self.views = SelectionViews(graph)
        self._entries = entries
        self._budget = budget
        self._solutions: dict[tuple[Any, ...], Solution] = {}

    def solve(self, node: Node, selections: Selections, provided: Selections = ()) -> Solution:
        """A tree for the selections at a node, where external fields may be provided."""
        key = (node, selections, provided)
        solution = self._solutions.get(key)
        if solution is None:
            self._budget.spend()
            if self.graph.is_interface_object(node):
                solution = solve_interface_object(self, node, selections, provided)
            elif self.graph.is_abstract(node.type_name):
                solution = solve_abstract(self, node, selections, provided)
            else:
                solution = solve_object(self, node, selections, provided)
            self._solutions[key] = solution
        return solution

    def root_options(self, heads: list[Node], field: Field) -> list[Option]:
        """The ways to resolve a root field: one for each subgraph that has it."""
        found = []
        for head in heads:
            edge = self.graph.field_edge(head, field.name)
            if edge is not None and not edge.join.external:
                entry = Entry(head, (), None, 0, (head,))
                found.append(self.option(edge, field, (), entry))
        return found

    def local_option(self, node: Node, field: Field, provided: Selections) -> Option | None:
        """The field resolved on the spot, if the subgraph does that."""
        edge = self.graph.field_edge(node, field.name)
        if edge is None:
            return None
        opened = None
        if provided and not edge.join.context_arguments:
            opened = self.field_sets.provided_field(node.type_name, field.name, provided)
        if opened is None and not edge.is_free:
            return None
        return self.option(edge, field, opened.selections if opened is not None else (), None)

    def move_options(self, node: Node, field: Field, provided: Selections) -> list[Option]:
        """The field resolved after entering another subgraph, once for each that has it."""
        found: list[Option] = []
        for edge in self.graph.entering_edges(node.type_name, field.name):
            if edge.tail == node and not edge.join.needs_entry:
                continue  # entering the same place again brings nothing but inputs
            entry = self.entry(Goal(node, edge.tail, edge.join.requires, provided))
            if entry is not None:
                if edge.join.context_arguments:
                    # Apart from fields that need not wait for the values of contexts.
                    entry = entry._replace(identity=(*entry.identity, edge.join.context_arguments))
                found.append(self.option(edge, field, (), entry))
        if node.type_name == self.graph.state.roots.get("query"):
            found += self._root_again(node, field)
        return found

    def _root_again(self, node: Node, field: Field) -> list[Option]:
        """A value of the query type (`mutation { save { query { ... } } }`) starts anew."""
        found = []
        for head in self.graph.root_nodes(node.type_name):
            edge = self.graph.field_edge(head, field.name)
            if head != node and edge is not None and not edge.join.external:
                entry = Entry(head, (), QueryTree(node), 0, (head,))
                found.append(self.option(edge, field, (), entry))
        return found

    def option(
        self, edge: FieldEdge, field: Field, provided: Selections, entry: Entry | None
    ) -> Option:
        """The field over an edge; `provided` are fields provided below it."""
        waiting = 0
        if entry is not None and entry.condition is not None:
            waiting = LATER_LEAF_COST * max(1, self.views.leaves(field.selections))
        if edge.is_leaf:
            return Option(field, edge, entry, (), None, (), waiting)
        if edge.join.provides:
            provided += self.field_sets.normalized(edge.join.provides, edge.head.type_name)
        solution = self.solve(edge.head, field.selections, provided)
        cost = solution.cost + waiting
        return Option(field, edge, entry, provided, solution.tree, solution.rest, cost)

    def entry(self, goal: Goal) -> Entry | None:
        """The cheapest way from a node into an entity elsewhere; None where there is none."""
        return self._entries.find(goal, self._budget)

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
            wanted = self.views.leaves(field.selections)
            covering = [option for option in options if self.views.leaves(option.rest) < wanted]
            if not covering:
                return [], parts, field
            best = min(covering, key=lambda option: (self.views.leaves(option.rest), option.cost))
            parts.append(best)
            remainder = field = replace(field, selections=best.rest)
            options = [self._again(option, remainder) for option in options if option is not best]

    def _again(self, option: Option, field: Field) -> Option:
        """The same way, for a field with fewer selections."""
        if option.tree is None:
            return option._replace(field=field)
        solution = self.solve(option.tree.node, field.selections, option.provided)
        return option._replace(
            field=field, tree=solution.tree, rest=solution.rest, cost=solution.cost
        )
