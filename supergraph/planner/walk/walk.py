"""The walk over the query graph that builds the query tree.

Theory of operation. `solve` takes a node (a type in a subgraph) and selections on that type, and
returns a tree for as much of them as can be resolved from there, the rest, and the cost. At an
object type every field has options: on the spot, or after entering another subgraph by a key;
`choose` picks the cheapest combination. What a subgraph needs before it can be entered (key and
`@requires` fields) is itself a set of selections on the node that is left, so it is solved by the
same function. At an abstract type a field stays on the type where the subgraph resolves it for
every possible object type; otherwise it is solved per object type.

A field whose selections no single option covers is split: the option that covers most takes its
part, and the remainder is a field of its own. What still remains goes up as `rest`, where the
field above may have another option.

Two things keep this bounded. Solutions are memoised by node and selections, and conditions carry a
guard of the entries being solved, so that a key is never looked for by means of itself; a guard
deeper than `CONDITION_DEPTH_MAX` finds no way.
"""

from dataclasses import replace
from typing import Any, TypeAlias

from supergraph.names import TypeName
from supergraph.planner.normalize.normalize import normalize_field_set
from supergraph.planner.operation import Field, Fragment, Selection, Selections, count_leaves
from supergraph.planner.query_tree import FieldBranch, FragmentBranch, Move, QueryTree, Solution
from supergraph.planner.walk.options import Entry, Option, choose
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import FieldEdge, Node

__all__ = ["CONDITION_DEPTH_MAX", "Walker"]

#: How many conditions may be nested: a key that needs a key that needs a key...
CONDITION_DEPTH_MAX = 12

#: What a leaf costs that is fetched by a move, in requests. Small enough that the leaves of an
#: operation (NORMALIZED_FIELDS_MAX) seldom outweigh one request, and only where they are thousands.
LATER_LEAF_COST = 0.0001

_Guard: TypeAlias = frozenset[tuple[Any, ...]]
_NO_GUARD: _Guard = frozenset()


class Walker:
    """Solves selections on nodes; one walker serves one operation, its memo lives as long."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._solutions: dict[tuple[Any, ...], Solution] = {}
        self._entries: dict[tuple[Any, ...], Entry | None] = {}
        self._flat: dict[tuple[TypeName, Selections], tuple[Field, ...]] = {}
        self._field_sets: dict[tuple[str, TypeName], Selections] = {}

    def solve(
        self,
        node: Node,
        selections: Selections,
        provided: Selections = (),
        guard: _Guard = _NO_GUARD,
    ) -> Solution:
        """A tree for the selections at a node. `provided` are external fields its path provides."""
        key = (node, selections, provided, guard)
        solution = self._solutions.get(key)
        if solution is None:
            if self._graph.is_interface_object(node):
                solution = self._solve_interface_object(node, selections, provided, guard)
            elif self._graph.is_abstract(node.type_name):
                solution = self._solve_abstract(node, selections, provided, guard)
            else:
                solution = self._solve_object(node, selections, provided, guard)
            self._solutions[key] = solution
        return solution

    def root_options(self, heads: list[Node], field: Field) -> list[Option]:
        """The ways to resolve a root field: one for each subgraph that has it."""
        found = []
        for head in heads:
            edge = self._graph.field_edge(head, field.name)
            if edge is not None and not edge.join.external:
                entry = Entry(head, (), None, 0.0, (head,))
                found.append(self._option(edge, field, (), _NO_GUARD, entry))
        return found

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

    # --- object types -------------------------------------------------------------------------

    def _solve_object(
        self, node: Node, selections: Selections, provided: Selections, guard: _Guard
    ) -> Solution:
        branches: list[FieldBranch] = []
        pending: list[Field] = []
        options: dict[Field, list[Option]] = {}
        for field in self.fields_on(node.type_name, selections):
            if field.name == "__typename":
                branches.append(FieldBranch(field, None, None))
                continue
            local = self._local_option(node, field, provided, guard)
            if local is not None and not local.rest and local.cost == 0:
                # Nothing can be cheaper than a field resolved on the spot.
                branches.append(FieldBranch(field, local.edge, local.tree))
                continue
            pending.append(field)
            options[field] = [local] if local is not None else []
            options[field] += self._move_options(node, field, provided, guard)
        chosen, rest = self.assemble(pending, options)
        return self._object_solution(node, branches, chosen, tuple(rest))

    def _object_solution(
        self,
        node: Node,
        branches: list[FieldBranch],
        chosen: list[Option],
        rest: Selections,
    ) -> Solution:
        by_entry: dict[tuple[Any, ...], tuple[Entry, list[FieldBranch]]] = {}
        cost = 0.0
        for option in chosen:
            branch = FieldBranch(option.field, option.edge, option.tree)
            cost += option.cost
            if option.entry is None:
                branches.append(branch)
                continue
            identity = option.entry.identity
            by_entry.setdefault(identity, (option.entry, []))[1].append(branch)
        cost += sum(entry.cost for entry, _ in by_entry.values())
        cost += len({entry.head.subgraph for entry, _ in by_entry.values()})
        moves = tuple(
            Move(
                required=entry.required,
                condition=entry.condition or QueryTree(node),
                tree=QueryTree(entry.head, fields=tuple(own)),
            )
            for entry, own in by_entry.values()
        )
        return Solution(QueryTree(node, tuple(branches), moves=moves), rest, cost)

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

    def _local_option(
        self, node: Node, field: Field, provided: Selections, guard: _Guard
    ) -> Option | None:
        edge = self._graph.field_edge(node, field.name)
        if edge is None:
            return None
        opened = self._provided_field(node.type_name, field.name, provided)
        if opened is None and (edge.join.requires or edge.join.external):
            return None
        return self._option(edge, field, opened.selections if opened else (), guard, None)

    def _option(
        self,
        edge: FieldEdge,
        field: Field,
        provided: Selections,
        guard: _Guard,
        entry: Entry | None,
    ) -> Option:
        # Of two ways with as many requests, the one on which less waits for a later one is better.
        waiting = 0.0
        if entry is not None and entry.condition is not None:
            waiting = LATER_LEAF_COST * max(1, count_leaves(field.selections))
        if not self._graph.is_composite(edge.head.type_name):
            return Option(field, edge, entry, None, (), waiting)
        if edge.join.provides:
            provided += self._field_set(edge.join.provides, edge.head.type_name)
        solution = self.solve(edge.head, field.selections, provided, guard)
        return Option(field, edge, entry, solution.tree, solution.rest, solution.cost + waiting)

    def _move_options(
        self, node: Node, field: Field, provided: Selections, guard: _Guard
    ) -> list[Option]:
        found: list[Option] = []
        heads = dict.fromkeys(edge.head for edge in self._graph.entity_edges(node.type_name))
        for head in heads:
            edge = self._graph.field_edge(head, field.name)
            if edge is None or edge.join.external:
                continue
            if head == node and not edge.join.requires:
                continue  # entering the same place again brings nothing but `@requires` inputs
            entry = self._entry(node, head, edge.join.requires, provided, guard)
            if entry is not None:
                found.append(self._option(edge, field, (), guard, entry))
        return found

    def _entry(
        self,
        node: Node,
        head: Node,
        requires: str | None,
        provided: Selections,
        guard: _Guard,
    ) -> Entry | None:
        memo = (node, head, requires, provided, guard)
        if memo not in self._entries:
            self._entries[memo] = self._find_entry(node, head, requires, provided, guard)
        return self._entries[memo]

    def _find_entry(
        self,
        node: Node,
        head: Node,
        requires: str | None,
        provided: Selections,
        guard: _Guard,
    ) -> Entry | None:
        best: Entry | None = None
        if len(guard) >= CONDITION_DEPTH_MAX:
            return None
        for edge in self._graph.entity_edges(head.type_name):
            mark = (head, edge.key, requires)
            if edge.head != head or mark in guard:
                continue
            required = self._field_set(
                f"{edge.key} {requires}" if requires else edge.key, head.type_name
            )
            solution = self.solve(node, required, provided, guard | {mark})
            if solution.rest:
                continue
            if best is None or solution.cost < best.cost:
                best = Entry(head, required, solution.tree, solution.cost, mark)
            if best.cost == 0:
                break
        return best

    # --- interface objects --------------------------------------------------------------------

    def _solve_interface_object(
        self, node: Node, selections: Selections, provided: Selections, guard: _Guard
    ) -> Solution:
        """An interface in a subgraph that treats it as an object.

        What depends on the value's concrete type is asked from a subgraph that has the interface
        as such, all in one move; the rest is like at an object type.
        """
        fields, concrete = self._split_by_type(node.type_name, selections)
        branches: list[FieldBranch] = []
        pending: list[Field] = []
        options: dict[Field, list[Option]] = {}
        for field in fields:
            local = self._local_option(node, field, provided, guard)
            if local is not None and not local.rest and local.cost == 0:
                branches.append(FieldBranch(field, local.edge, local.tree))
                continue
            ways = [local] if local is not None else []
            ways += self._move_options(node, field, provided, guard)
            if any(not way.rest for way in ways):
                pending.append(field)
                options[field] = ways
            else:
                concrete.append(field)
        chosen, rest = self.assemble(pending, options)
        solution = self._object_solution(node, branches, chosen, tuple(rest))
        if not concrete:
            return solution
        return self._with_concrete(solution, tuple(concrete), provided, guard)

    def _with_concrete(
        self, solution: Solution, concrete: Selections, provided: Selections, guard: _Guard
    ) -> Solution:
        node = solution.tree.node
        best: tuple[Entry, Solution] | None = None
        for head in dict.fromkeys(edge.head for edge in self._graph.entity_edges(node.type_name)):
            if self._graph.is_interface_object(head):
                continue
            entry = self._entry(node, head, None, provided, guard)
            if entry is None:
                continue
            entered = self.solve(head, concrete, (), guard)
            if best is None or _rank(entry, entered) < _rank(*best):
                best = (entry, entered)
        if best is None:
            return replace(solution, rest=solution.rest + concrete)
        entry, entered = best
        move = Move(entry.required, entry.condition or QueryTree(node), entered.tree)
        return Solution(
            replace(solution.tree, moves=(*solution.tree.moves, move)),
            solution.rest + entered.rest,
            solution.cost + 1 + entry.cost + entered.cost,
        )

    def _split_by_type(
        self, type_name: TypeName, selections: Selections
    ) -> tuple[list[Field], list[Selection]]:
        """Fields that any value of the interface has, and what depends on the concrete type."""
        fields: list[Field] = []
        concrete: list[Selection] = []
        whole = self._graph.api_possible_types(type_name)
        for selection in selections:
            if isinstance(selection, Field):
                (concrete if selection.name == "__typename" else fields).append(selection)
            elif (
                not selection.conditions
                and self._graph.is_abstract(selection.type_condition)
                and whole <= self._graph.api_possible_types(selection.type_condition)
                and all(isinstance(item, Field) for item in selection.selections)
            ):
                inner_fields, inner_concrete = self._split_by_type(type_name, selection.selections)
                fields += inner_fields
                concrete += inner_concrete
            else:
                concrete.append(selection)
        return fields, concrete

    # --- abstract types -----------------------------------------------------------------------

    def _solve_abstract(
        self, node: Node, selections: Selections, provided: Selections, guard: _Guard
    ) -> Solution:
        possible = self._graph.possible_types(node)
        branches: list[FieldBranch] = []
        fragments: list[FragmentBranch] = []
        per_object: dict[TypeName, list[Selection]] = {}
        rest: list[Selection] = []
        cost = 0.0
        for selection in selections:
            direct = self._direct_branch(node, selection, provided, guard)
            if direct is not None:
                branch, branch_cost = direct
                if isinstance(branch, FieldBranch):
                    branches.append(branch)
                else:
                    fragments.append(branch)
                cost += branch_cost
                continue
            if isinstance(selection, Field) and not self._is_resolvable_for_all(
                node, selection, provided, guard
            ):
                rest.append(selection)
                continue
            for type_name in sorted(possible):
                if self._counts_for(type_name, selection):
                    per_object.setdefault(type_name, []).append(selection)
        object_cost = 0.0
        for type_name, own in sorted(per_object.items()):
            solution = self.solve(
                Node(node.subgraph, type_name),
                tuple(own),
                self._provided_on(type_name, provided),
                guard,
            )
            fragments.append(FragmentBranch(type_name, frozenset(), solution.tree))
            # The objects' fetches to one subgraph become one request, so they cost as the dearest.
            object_cost = max(object_cost, solution.cost)
            if solution.rest:
                rest.append(Fragment(type_name, solution.rest))
        tree = QueryTree(node, tuple(branches), tuple(fragments), selects_typename=True)
        return Solution(tree, tuple(rest), cost + object_cost)

    def _direct_branch(
        self, node: Node, selection: Selection, provided: Selections, guard: _Guard
    ) -> tuple[FieldBranch | FragmentBranch, float] | None:
        """The selection as it stands, if the subgraph resolves it for every possible type."""
        if isinstance(selection, Fragment):
            return self._direct_fragment(node, selection, provided, guard)
        if selection.name == "__typename":
            return FieldBranch(selection, None, None), 0.0
        edge = self._graph.field_edge(node, selection.name)
        if edge is None or not self._resolves_for_all(edge):
            return None
        option = self._option(edge, selection, (), guard, None)
        if option.rest:
            return None
        return FieldBranch(selection, edge, option.tree), option.cost

    def _direct_fragment(
        self, node: Node, fragment: Fragment, provided: Selections, guard: _Guard
    ) -> tuple[FragmentBranch, float] | None:
        """A fragment that selects the same values in the subgraph as in the API.

        An abstract type with fewer possible types in the subgraph than in the whole would leave
        values out, so it is solved per object type instead.
        """
        inner = Node(node.subgraph, fragment.type_condition)
        if not self._graph.is_abstract(inner.type_name) or not self._graph.has_type(inner):
            return None
        possible = self._graph.possible_types(node)
        whole = self._graph.api_possible_types(inner.type_name)
        if self._graph.possible_types(inner) & possible != whole & possible:
            return None
        solution = self.solve(inner, fragment.selections, provided, guard)
        if solution.rest:
            return None
        branch = FragmentBranch(inner.type_name, fragment.conditions, solution.tree)
        return branch, solution.cost

    def _resolves_for_all(self, edge: FieldEdge) -> bool:
        if edge.join.external:
            return False
        for type_name in self._graph.possible_types(edge.tail):
            own = self._graph.field_edge(Node(edge.tail.subgraph, type_name), edge.name)
            if own is None or own.join.requires or own.join.external:
                return False
        return True

    def _is_resolvable_for_all(
        self, node: Node, field: Field, provided: Selections, guard: _Guard
    ) -> bool:
        """Whether the field can be had for every type the value can have here.

        Another subgraph that returns the same value may know other types, so what is had from here
        for some types and from there for others would not be one answer.
        """
        possible = self._graph.possible_types(node)
        return bool(possible) and not any(
            self.solve(
                Node(node.subgraph, type_name),
                (field,),
                self._provided_on(type_name, provided),
                guard,
            ).rest
            for type_name in possible
        )

    def _counts_for(self, type_name: TypeName, selection: Selection) -> bool:
        return isinstance(selection, Field) or (
            type_name in self._graph.api_possible_types(selection.type_condition)
        )

    # --- selections ---------------------------------------------------------------------------

    def fields_on(self, type_name: TypeName, selections: Selections) -> tuple[Field, ...]:
        """The fields that count for one object type, fragments resolved."""
        key = (type_name, selections)
        if key not in self._flat:
            found: list[Field] = []
            for selection in selections:
                if isinstance(selection, Field):
                    found.append(selection)
                elif type_name in self._graph.api_possible_types(selection.type_condition):
                    inner = self.fields_on(type_name, selection.selections)
                    found.extend(
                        replace(field, conditions=field.conditions | selection.conditions)
                        if selection.conditions
                        else field
                        for field in inner
                    )
            self._flat[key] = tuple(found)
        return self._flat[key]

    def _provided_on(self, type_name: TypeName, provided: Selections) -> tuple[Field, ...]:
        return self.fields_on(type_name, provided) if provided else ()

    def _provided_field(self, type_name: TypeName, name: str, provided: Selections) -> Field | None:
        for field in self._provided_on(type_name, provided):
            if field.name == name:
                return field
        return None

    def _field_set(self, text: str, parent: TypeName) -> Selections:
        key = (text, parent)
        if key not in self._field_sets:
            self._field_sets[key] = normalize_field_set(text, parent, self._graph)
        return self._field_sets[key]


def _rank(entry: Entry, entered: Solution) -> tuple[int, float]:
    """Less is better: first what remains unresolved, then the cost."""
    return count_leaves(entered.rest), entry.cost + entered.cost
