"""Cut a query tree into fetch steps.

Theory of operation. Walking a tree fills one step's selection set; a move out of the tree first
fills in the tree that makes the entity's key known, then opens a step of its own at the current
path and goes on there. A step depends on the step it leaves and on every step that contributed to
its key. What it reads from contexts is fetched further up, perhaps later in the walk, so that is
added in the end.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from supergraph.names import SubgraphName
from supergraph.planner.fetch.contexts import ContextReader
from supergraph.planner.fetch.required import representation_of
from supergraph.planner.fetch.scope import Scope, ScopeTable
from supergraph.planner.fetch.selection import FetchSelection
from supergraph.planner.fetch.step import EntityTarget, FetchGraph, FetchStep
from supergraph.planner.operation import NO_CONDITIONS, Conditions, Field
from supergraph.planner.plan_nodes import (
    FlattenPath,
    ItemSegment,
    KeySegment,
    TypeSegment,
)
from supergraph.planner.query_tree import DeferredBranch, FieldBranch, Move, QueryTree
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import Node

__all__ = ["build_fetch_graph"]


class _Place(NamedTuple):
    """Where the walk stands: in which step, at which selection set, path and scope.

    `conditions` are those of all fields and fragments on the way. Inside the tree of a condition,
    or below an internal field, the client did not ask for anything: `sources` collects the steps
    that contribute to it; elsewhere it is None. `part` is the deferred part that is walked (0:
    none); the steps opened there are its own.
    """

    step: FetchStep
    selection: FetchSelection
    path: FlattenPath
    scope: Scope
    conditions: Conditions
    sources: set[FetchStep] | None
    part: int = 0


def build_fetch_graph(
    trees: list[QueryTree],
    scopes: ScopeTable,
    graph: QueryGraph,
    contexts: ContextReader,
    *,
    in_order: bool,
    deferred: Iterable[DeferredBranch] = (),
) -> FetchGraph:
    """The fetch graph of an operation's root trees, and of root trees that are deferred.

    With `in_order` (mutations) each root step waits for the one before and all that hangs on it,
    but for what is deferred.
    """
    builder = _Builder(graph, scopes, contexts)
    for tree in trees:
        before = {step for step in builder.steps if not step.part} if in_order else set()
        builder.add_root(tree, before)
    for branch in deferred:
        builder.add_root(branch.tree, set(), branch.part)
    fetch_graph = FetchGraph(builder.steps, builder.is_conditional)
    contexts.add_parents(fetch_graph)
    return fetch_graph


#: What targets have in common that may become one: subgraph, path, the conditions on the way, and
#: what they wait for, and the deferred part.
_Meeting: TypeAlias = tuple[SubgraphName, FlattenPath, Conditions, frozenset[FetchStep], int]


class _Builder:
    def __init__(self, graph: QueryGraph, scopes: ScopeTable, contexts: ContextReader) -> None:
        self._graph = graph
        self._scopes = scopes
        self._contexts = contexts
        self._reads_contexts = contexts.is_needed
        self._segments: dict[tuple[str, int], FlattenPath] = {}
        self._alike: dict[_Meeting, list[tuple[FetchStep, EntityTarget]]] = {}
        self.steps: list[FetchStep] = []
        self.is_conditional = False

    def add_root(self, tree: QueryTree, parents: set[FetchStep], part: int = 0) -> None:
        step = FetchStep(tree.node.subgraph, parents, part=part)
        self.steps.append(step)
        self._walk(tree, _Place(step, step.selection, (), (), NO_CONDITIONS, None, part))

    def _walk(self, tree: QueryTree, place: _Place) -> None:
        """Fill in a tree."""
        if tree.selects_typename:
            place.selection.selects_typename = True
        for branch in tree.fields:
            if branch.field.internal:
                self._walk_internal(branch, place)
            else:
                self._walk_field(branch, place)
        for fragment in tree.fragments:
            self.is_conditional |= bool(fragment.conditions)
            # The type decides where the walk goes on, so the response must tell it.
            place.selection.selects_typename = True
            types = self._graph.api_possible_types(fragment.type_name)
            inner = _Place(
                place.step,
                place.selection.on_type(fragment.type_name, fragment.conditions),
                (*place.path, TypeSegment(types)),
                place.scope,
                place.conditions | fragment.conditions,
                place.sources,
                place.part,
            )
            self._walk(fragment.tree, inner)
        for move in tree.moves:
            self._walk_move(tree.node, move, place)
        for deferred in tree.deferred:
            self._walk(deferred.tree, place._replace(part=deferred.part))

    def _walk_internal(self, branch: FieldBranch, place: _Place) -> None:
        """Fill in a field that the client did not ask for, and note where it comes from."""
        sources = {place.step}
        self._walk_field(branch, place._replace(sources=sources))
        self._contexts.note(place.scope, branch.field, sources)
        if place.sources is not None:
            place.sources.update(sources)

    def _walk_field(self, branch: FieldBranch, place: _Place) -> None:
        field, edge, tree = branch
        step, selection, path, scope, conditions, sources, part = place
        if field.conditions:
            self.is_conditional = True
            conditions |= field.conditions
        if field.name == "__typename":
            self._select_typename(field, place)
            return
        key = field.response_key
        if sources is not None:
            key = self._scopes.internal_key(scope, field)
        shape, list_depth = (edge.shape, edge.list_depth) if edge is not None else ("", 0)
        arguments = field.arguments
        if self._reads_contexts and edge is not None:
            arguments += self._contexts.arguments(edge)
        asked = selection.add(
            field.name, key, arguments, field.conditions, shape, sources is not None
        )
        if tree is None:
            return
        if asked.selection is None:
            asked.selection = FetchSelection()
        below = path + self._segments_of(key, list_depth)
        place = _Place(step, asked.selection, below, (*scope, key), conditions, sources, part)
        self._walk(tree, place)

    @staticmethod
    def _select_typename(field: Field, place: _Place) -> None:
        if place.sources is not None:
            place.selection.selects_typename = True
        elif field.response_key == "__typename" and not field.conditions:
            place.selection.selects_typename = True
            place.selection.wants_typename = True
        else:
            place.selection.add(field.name, field.response_key, (), field.conditions)

    def _segments_of(self, key: str, list_depth: int) -> FlattenPath:
        """The way down a field; the same objects every time, so that equal paths compare fast."""
        found = self._segments.get((key, list_depth))
        if found is None:
            found = (KeySegment(key), *(ItemSegment(),) * list_depth)
            self._segments[key, list_depth] = found
        return found

    def _walk_move(self, left: Node, move: Move, place: _Place) -> None:
        if not self._graph.is_interface_object(left):
            # An interface object's `__typename` is the interface's name, which tells nothing.
            place.selection.selects_typename = True
        parents = {place.step}
        self._walk(move.condition, place._replace(sources=parents))
        if move.required:
            step, selection = self._enter_entity(move, place, parents)
        else:
            step = self._start_anew(move, place)
            selection = step.selection
        if place.sources is not None:
            place.sources.add(step)
        self._walk(move.tree, place._replace(step=step, selection=selection))

    def _start_anew(self, move: Move, place: _Place) -> FetchStep:
        """A root fetch whose answer belongs to the values of the query type at this place."""
        subgraph = move.tree.node.subgraph
        parents = {place.step}
        for step in self.steps:
            same_place = (step.path, step.part) == (place.path, place.part)
            if same_place and (step.subgraph, step.parents) == (subgraph, parents):
                return step
        step = FetchStep(subgraph, parents, path=place.path, part=place.part)
        self.steps.append(step)
        return step

    def _enter_entity(
        self, move: Move, place: _Place, parents: set[FetchStep]
    ) -> tuple[FetchStep, FetchSelection]:
        """The step at this place that waits for the same data, or a new one.

        Also what it selects for the entity's type.
        """
        path = place.path
        while path and isinstance(path[-1], TypeSegment):
            # Representations are chosen by type anyway, so the types may share a step.
            path = path[:-1]
        subgraph, entity = move.tree.node
        representation = representation_of(move.required, place.scope, self._scopes, self._graph)
        new = EntityTarget(path, place.conditions, requires={entity: representation})
        if self._reads_contexts:
            self._contexts.read(new, move.tree, place.scope)
        meeting = (subgraph, path, place.conditions, frozenset(parents), place.part)
        alike = self._alike.setdefault(meeting, [])
        for known, target in alike:
            if target.absorb(new):
                step = known
                break
        else:
            step, target = FetchStep(subgraph, parents, targets=[new], part=place.part), new
            self.steps.append(step)
            alike.append((step, new))
        if new.contexts:
            self._contexts.await_values(step, new, place.scope)
        return step, target.selection.on_type(entity)
