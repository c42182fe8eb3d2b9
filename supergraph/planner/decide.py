"""Show a plan as it runs for given variables: conditions decided, what would not run left out.

For people only. What is sent to subgraphs stays as it is (`FetchNode.operation`): the plan that is
executed serves every value of the variables.

A fetch is left out where its own conditions do not hold, and where it serves objects below a field
that is excluded: nothing will be there to ask for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from graphql.language import REMOVE, VisitorAction

from supergraph.planner.operation import NO_CONDITIONS, Conditions
from supergraph.planner.plan_nodes import (
    ConditionNode,
    DeferConditionNode,
    DeferNode,
    DeferredNode,
    EntityGroup,
    FetchNode,
    FlattenPath,
    IncrementalNode,
    KeyRenamer,
    KeySegment,
    ParallelNode,
    PlanNode,
    QueryPlan,
    SequenceNode,
    SubscriptionNode,
)

__all__ = ["decide"]


def decide(plan: QueryPlan, variables: Mapping[str, Any]) -> QueryPlan:
    """The plan for these values of its variables, which are coerced already."""
    return replace(
        plan,
        node=_Decider(variables).plan(plan.node),
        incremental=_Decider(variables).incremental(plan.incremental),
    )


class _Decider:
    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._places = _Places()

    def plan(self, node: PlanNode | None) -> PlanNode | None:
        return None if node is None else self._node(node)

    def incremental(self, node: IncrementalNode | None) -> IncrementalNode | None:
        match node:
            case None:
                return None
            case DeferConditionNode():
                holds = self._variables.get(node.variable)
                return self.incremental(node.deferring if holds else node.otherwise)
            case DeferNode():
                selection = self._selection(node.primary.selection)
                primary = replace(
                    node.primary, selection=selection, node=self.plan(node.primary.node)
                )
                deferred = map(self._deferred, node.deferred)
                return DeferNode(primary, tuple(part for part in deferred if part is not None))
            case _:
                return self._node(node)

    def _deferred(self, part: DeferredNode) -> DeferredNode | None:
        keys = tuple(key for key in part.path if not key.startswith("... on "))
        if not self._places.has_keys(keys):
            return None
        selection = self._selection(part.selection)
        return replace(part, selection=selection, node=self.incremental(part.node))

    def _node(self, node: PlanNode) -> PlanNode | None:
        match node:
            case FetchNode():
                return self._fetch(node)
            case SequenceNode():
                nodes = self._nodes(node.nodes)
                return SequenceNode(nodes) if len(nodes) > 1 else next(iter(nodes), None)
            case ParallelNode():
                nodes = self._nodes(node.nodes)
                return ParallelNode(nodes) if len(nodes) > 1 else next(iter(nodes), None)
            case ConditionNode():
                holds = self._holds(frozenset({node.condition}))
                return self._node(node.node) if holds else None
            case SubscriptionNode():
                primary = self._fetch(node.primary) or node.primary  # the stream is always opened
                return SubscriptionNode(primary, self.plan(node.rest))

    def _nodes(self, nodes: Iterable[PlanNode]) -> tuple[PlanNode, ...]:
        return tuple(kept for kept in map(self._node, nodes) if kept is not None)

    def _fetch(self, fetch: FetchNode) -> FetchNode | None:
        if not fetch.entities:
            if not self._places.has(fetch.path):
                return None
            document = self._decided(fetch.selection)
            self._places.add([fetch.path], document, fetch.output_rewrites)
            return replace(fetch, selection=_inside(document))
        groups = tuple(group for group in map(self._group, fetch.entities) if group is not None)
        return replace(fetch, entities=groups) if groups else None

    def _group(self, group: EntityGroup) -> EntityGroup | None:
        paths = tuple(path for path in group.paths if self._places.has(path))
        if not paths or not self._holds(group.conditions):
            return None
        document = self._decided(group.selection)
        self._places.add(paths, document, group.output_rewrites)
        return replace(group, paths=paths, selection=_inside(document), conditions=NO_CONDITIONS)

    def _holds(self, conditions: Conditions) -> bool:
        return all(self._variables.get(item.variable) is item.includes for item in conditions)

    def _selection(self, selection: str) -> str:
        return _inside(self._decided(selection)) if selection else selection

    def _decided(self, selection: str) -> DocumentNode:
        document = parse(f"{{{selection}}}", no_location=True)
        decided: DocumentNode = visit(document, _Decision(self._variables))
        return decided


def _inside(document: DocumentNode) -> str:
    text = print_ast(document).strip()
    return text.removeprefix("{").removesuffix("}").strip()


class _Decision(Visitor):
    """Removes what `@skip` and `@include` exclude, and the directives where they do not."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        super().__init__()
        self._variables = variables

    def enter_field(self, node: FieldNode, *_: object) -> VisitorAction:
        return REMOVE if self._is_excluded(node) else None

    def leave_selection_set(self, node: SelectionSetNode, *ancestors: Any) -> Any:
        # Nothing is left to select in an object: `__typename` stands for that.
        if node.selections or isinstance(ancestors[1], InlineFragmentNode):
            return None
        return SelectionSetNode(selections=(FieldNode(name=NameNode(value="__typename")),))

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: object) -> VisitorAction:
        return REMOVE if self._is_excluded(node) else None

    def leave_inline_fragment(self, node: InlineFragmentNode, *_: object) -> VisitorAction:
        return None if node.selection_set.selections else REMOVE

    def enter_directive(self, *_: object) -> VisitorAction:
        return REMOVE

    def _is_excluded(self, node: FieldNode | InlineFragmentNode) -> bool:
        return any(map(self._excludes, node.directives or ()))

    def _excludes(self, directive: DirectiveNode) -> bool:
        value = next(iter(directive.arguments or ())).value
        wanted = directive.name.value == "include"
        return isinstance(value, VariableNode) and self._variables.get(value.name.value) != wanted


_Keys = tuple[str, ...]


class _Places:
    """The places of the response that some fetch asks for, as response keys from the root."""

    def __init__(self) -> None:
        self._asked: set[_Keys] = {()}

    def has(self, path: FlattenPath) -> bool:
        return self.has_keys(_keys(path))

    def has_keys(self, keys: _Keys) -> bool:
        return keys in self._asked

    def add(
        self, paths: Iterable[FlattenPath], document: DocumentNode, renamers: Sequence[KeyRenamer]
    ) -> None:
        """Take over what an answer brings at the paths."""
        renamed = {(_keys(item.path), item.requested): item.response_key for item in renamers}
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                for path in paths:
                    self._collect(_keys(path), (), operation.selection_set, renamed)

    def _collect(
        self,
        base: _Keys,
        inner: _Keys,
        selection_set: SelectionSetNode,
        renamed: Mapping[tuple[_Keys, str], str],
    ) -> None:
        for node in selection_set.selections:
            if isinstance(node, InlineFragmentNode):
                self._collect(base, inner, node.selection_set, renamed)
            elif isinstance(node, FieldNode) and node.selection_set is not None:
                asked = (node.alias or node.name).value
                below = (*inner, renamed.get((inner, asked), asked))
                self._asked.add(base + below)
                self._collect(base, below, node.selection_set, renamed)


def _keys(path: FlattenPath) -> _Keys:
    return tuple(segment.response_key for segment in path if isinstance(segment, KeySegment))
