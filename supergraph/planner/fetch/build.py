"""Cut a query tree into fetch steps.

Theory of operation. Walking a tree fills one step's selection set; a move out of the tree first
fills in the tree that makes the entity's key known, then opens a step of its own at the current
path and goes on there. A step depends on the step it leaves and on every step that contributed to
its key.
"""

from dataclasses import dataclass

from supergraph.planner.fetch.scope import Scope, ScopeTable
from supergraph.planner.fetch.selection import FetchSelection
from supergraph.planner.fetch.step import EntityTarget, FetchGraph, FetchStep
from supergraph.planner.operation import Field, Selections
from supergraph.planner.plan_nodes import (
    FlattenPath,
    ItemSegment,
    KeySegment,
    RequiredField,
    RequiredFragment,
    RequiredSelection,
    TypeSegment,
)
from supergraph.planner.query_tree import FieldBranch, Move, QueryTree
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import Node

__all__ = ["build_fetch_graph"]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: in which step, at which selection set, path and scope.

    `internal` is True inside the tree of a condition, whose fields the client did not ask for.
    """

    step: FetchStep
    selection: FetchSelection
    path: FlattenPath
    scope: Scope
    internal: bool


def build_fetch_graph(
    trees: list[QueryTree], selections: Selections, graph: QueryGraph, *, in_order: bool
) -> FetchGraph:
    """The fetch graph of an operation's root trees.

    With `in_order` (mutations) each root step waits for the one before and all that hangs on it.
    """
    builder = _Builder(graph, ScopeTable(selections))
    for tree in trees:
        before = set(builder.steps) if in_order else set()
        builder.add_root(tree, before)
    return FetchGraph(builder.steps)


class _Builder:
    def __init__(self, graph: QueryGraph, scopes: ScopeTable) -> None:
        self._graph = graph
        self._scopes = scopes
        self.steps: list[FetchStep] = []

    def add_root(self, tree: QueryTree, parents: set[FetchStep]) -> None:
        step = FetchStep(tree.node.subgraph, parents)
        self.steps.append(step)
        self._walk(tree, _Place(step, step.selection, (), (), internal=False))

    def _walk(self, tree: QueryTree, place: _Place) -> set[FetchStep]:
        """Fill in a tree; the steps that its leaves ended up in."""
        used = {place.step}
        if tree.selects_typename:
            place.selection.selects_typename = True
        for branch in tree.fields:
            used |= self._walk_field(branch, place)
        for fragment in tree.fragments:
            # The type decides where the walk goes on, so the response must tell it.
            place.selection.selects_typename = True
            types = self._graph.api_possible_types(fragment.type_name)
            inner = _Place(
                place.step,
                place.selection.on_type(fragment.type_name, fragment.conditions),
                (*place.path, TypeSegment(types)),
                place.scope,
                place.internal,
            )
            used |= self._walk(fragment.tree, inner)
        for move in tree.moves:
            used |= self._walk_move(tree.node, move, place)
        return used

    def _walk_field(self, branch: FieldBranch, place: _Place) -> set[FetchStep]:
        field = branch.field
        if field.name == "__typename":
            if place.internal or (field.response_key == "__typename" and not field.conditions):
                place.selection.selects_typename = True
                place.selection.wants_typename |= not place.internal
            else:
                place.selection.add(field.name, field.response_key, (), field.conditions)
            return {place.step}
        key = field.response_key
        if place.internal:
            key = self._scopes.internal_key(place.scope, field)
        edge = branch.edge
        shape, list_depth = (edge.shape, edge.list_depth) if edge is not None else ("", 0)
        asked = place.selection.add(
            field.name, key, field.arguments, field.conditions, shape, place.internal
        )
        if branch.tree is None:
            return {place.step}
        if asked.selection is None:
            asked.selection = FetchSelection()
        inner = _Place(
            place.step,
            asked.selection,
            (*place.path, KeySegment(key), *(ItemSegment(),) * list_depth),
            (*place.scope, key),
            place.internal,
        )
        return self._walk(branch.tree, inner)

    def _walk_move(self, left: Node, move: Move, place: _Place) -> set[FetchStep]:
        if not self._graph.is_interface_object(left):
            # An interface object's `__typename` is the interface's name, which tells nothing.
            place.selection.selects_typename = True
        condition_place = _Place(
            place.step, place.selection, place.path, place.scope, internal=True
        )
        parents = {place.step} | self._walk(move.condition, condition_place)
        entity = move.tree.node.type_name
        if not move.required:
            return self._start_anew(move, place)
        representation = self._representation(move.required, place.scope)
        step, target = self._entity_target(move, place, parents, representation)
        entered = _Place(
            step, target.selection.on_type(entity), place.path, place.scope, place.internal
        )
        return self._walk(move.tree, entered) | {step}

    def _start_anew(self, move: Move, place: _Place) -> set[FetchStep]:
        """A root fetch whose answer belongs to the values of the query type at this place."""
        subgraph = move.tree.node.subgraph
        parents = {place.step}
        for step in self.steps:
            if (step.subgraph, step.path, step.parents) == (subgraph, place.path, parents):
                break
        else:
            step = FetchStep(subgraph, parents, path=place.path)
            self.steps.append(step)
        entered = _Place(step, step.selection, place.path, place.scope, place.internal)
        return self._walk(move.tree, entered) | {step}

    def _entity_target(
        self,
        move: Move,
        place: _Place,
        parents: set[FetchStep],
        representation: list[RequiredSelection],
    ) -> tuple[FetchStep, EntityTarget]:
        """The step at this place that waits for the same data, or a new one."""
        path = place.path
        while path and isinstance(path[-1], TypeSegment):
            # Representations are chosen by type anyway, so the types may share a step.
            path = path[:-1]
        new = EntityTarget(path, requires={move.tree.node.type_name: representation})
        subgraph = move.tree.node.subgraph
        for step in self.steps:
            if step.subgraph == subgraph and step.parents == parents:
                for target in step.targets:
                    if target.absorb(new):
                        return step, target
        step = FetchStep(subgraph, parents, targets=[new])
        self.steps.append(step)
        return step, new

    def _representation(self, selections: Selections, scope: Scope) -> list[RequiredSelection]:
        found: list[RequiredSelection] = []
        for selection in selections:
            if isinstance(selection, Field):
                found.append(self._required_field(selection, scope))
                continue
            inner = self._representation(selection.selections, scope)
            types = self._graph.api_possible_types(selection.type_condition)
            found.append(RequiredFragment(selection.type_condition, types, tuple(inner)))
        return found

    def _required_field(self, field: Field, scope: Scope) -> RequiredField:
        if field.name == "__typename":
            return RequiredField("__typename", "__typename")
        key = self._scopes.internal_key(scope, field)
        inner: tuple[RequiredSelection, ...] = ()
        if field.selections:
            inner = tuple(self._representation(field.selections, (*scope, key)))
        return RequiredField(field.name, key, inner)
