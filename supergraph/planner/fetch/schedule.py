"""Turn the fetch graph into plan nodes: what runs after what, and what at the same time.

A step that depends on one branch of a parallel block only is nested in that branch, so that it
need not wait for the others; a step that depends on several follows the whole block.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from supergraph.document.print import print_variable_definition
from supergraph.errors import invariant
from supergraph.names import TypeName
from supergraph.planner.context_variables import free_prefix
from supergraph.planner.fetch.conditions import later_conditions, step_conditions
from supergraph.planner.fetch.operation_text import entities_operation, root_operation
from supergraph.planner.fetch.selection import SUFFIX_PLACE, FetchSelection
from supergraph.planner.fetch.separate_shapes import separate_shapes
from supergraph.planner.fetch.step import EntityTarget, FetchGraph, FetchStep
from supergraph.planner.operation import NO_CONDITIONS, Conditions, NormalizedOperation
from supergraph.planner.plan_nodes import (
    ConditionNode,
    ContextValue,
    EntityFragment,
    EntityGroup,
    FetchNode,
    FlattenPath,
    KeyRenamer,
    KeySegment,
    ParallelNode,
    PlanNode,
    RequiredSelection,
    SequenceNode,
    SubscriptionNode,
)
from supergraph.query_graph.graph import QueryGraph

__all__ = ["Scheduler", "in_parallel", "in_sequence", "schedule"]

_NOT_A_NAME = re.compile(r"\W")


def schedule(
    graph: FetchGraph, operation: NormalizedOperation, query_graph: QueryGraph
) -> PlanNode | None:
    """The executable tree for a fetch graph; None when it has no steps."""
    if not graph.steps:
        return None
    scheduler = Scheduler(graph, operation, query_graph)
    if operation.kind == "subscription":
        return scheduler.subscription(graph.steps)
    return scheduler.block(graph.steps, frozenset())


class _GroupContent(NamedTuple):
    """What targets at different paths must have in common to be asked for in one group.

    The selection's text has a SUFFIX_PLACE after each variable of a context. With contexts the
    number of response keys counts too (`depth`): their values are told as seen from the object.
    """

    requires: tuple[EntityFragment, ...]
    text: str
    conditions: Conditions
    output_rewrites: tuple[KeyRenamer, ...]
    has_objects: bool
    contexts: tuple[ContextValue, ...]
    depth: int
    variable_usages: tuple[str, ...]


class Scheduler:
    """Makes the plan nodes of one fetch graph; `ids` are those of steps that need one."""

    def __init__(
        self,
        graph: FetchGraph,
        operation: NormalizedOperation,
        query_graph: QueryGraph,
        ids: Mapping[FetchStep, int] | None = None,
    ) -> None:
        self._ids = ids or {}
        self._operation = operation
        # The client may have variables of that name.
        prefix = free_prefix("representations", operation.variables)
        self._representations = f"{prefix}representations"
        self._query_graph = query_graph
        self._numbers = {step: index for index, step in enumerate(graph.steps)}
        self._is_conditional = graph.is_conditional
        self._later_conditions = later_conditions(graph)

    def subscription(self, steps: Sequence[FetchStep]) -> SubscriptionNode:
        """The first step as a stream, the others for each event."""
        primary, rest = steps[0], steps[1:]
        invariant(not primary.targets, "a subscription starts at its root field")
        node = self.block(rest, frozenset({primary})) if rest else None
        return SubscriptionNode(self._fetch(primary), node)

    def block(self, steps: Sequence[FetchStep], done: frozenset[FetchStep]) -> PlanNode:
        """Place the steps (parents before children), given what is done before the block."""
        ready = [step for step in steps if step.parents <= done]
        invariant(ready, "the fetch graph has no cycle")
        # Which of the branches, each begun by a step that is ready, a step depends on.
        branches: dict[FetchStep, frozenset[FetchStep]] = {
            step: frozenset((step,)) for step in ready
        }
        own: dict[FetchStep, list[FetchStep]] = {}
        shared = []
        for step in steps:
            if step in branches:
                continue
            above = [branches[parent] for parent in step.parents if parent in branches]
            branches[step] = on = above[0].union(*above[1:])
            if len(on) == 1:
                own.setdefault(next(iter(on)), []).append(step)
            else:
                shared.append(step)
        nodes = []
        for first in ready:
            node = self._node(first)
            if first in own:
                node = in_sequence([node, self.block(own[first], done | {first})])
            nodes.append(node)
        if not shared:
            return in_parallel(nodes)
        placed = done.union(step for step in steps if len(branches[step]) == 1)
        return in_sequence([in_parallel(nodes), self.block(shared, placed)])

    def _node(self, step: FetchStep) -> PlanNode:
        node: PlanNode = self._fetch(step)
        if not self._is_conditional:
            return node
        for condition in sorted(step_conditions(step, self._later_conditions[step])):
            node = ConditionNode(condition, node)
        return node

    def _fetch(self, step: FetchStep) -> FetchNode:
        entities = self._entity_groups(step)
        rewrites = separate_shapes(step.selection)
        # A root step of a mutation or subscription keeps its kind; entities are always queried.
        kind = "query" if entities or step.path else self._operation.kind
        used = set(self._variables(step.selection))
        used.update(*(group.variable_usages for group in entities))
        definitions = {
            name: print_variable_definition(self._operation.variables[name])
            for name in sorted(used)
        }
        selection = "" if entities else step.selection.print()
        name = self._operation_name(step)
        head = f"{kind} {name or ''}".rstrip()
        if entities:
            operation = entities_operation(head, definitions.values(), entities)
        else:
            operation = root_operation(head, definitions.values(), selection)
        has_contexts = any(group.contexts for group in entities)
        return FetchNode(
            service_name=step.subgraph,
            operation=operation,
            operation_name=name,
            operation_kind=kind,
            variable_usages=tuple(definitions),
            selection=selection,
            entities=entities,
            output_rewrites=rewrites,
            path=step.path,
            id=self._ids.get(step),
            head=head if has_contexts else "",
            definitions=tuple(definitions.items()) if has_contexts else (),
        )

    def _variables(self, selection: FetchSelection) -> tuple[str, ...]:
        return tuple(sorted(selection.variables())) if self._operation.variables else ()

    def _entity_groups(self, step: FetchStep) -> tuple[EntityGroup, ...]:
        """The step's targets, those that ask the same of different places in one group."""
        if len(step.targets) == 1:
            [target] = step.targets
            return (self._group(self._group_content(target, step), [target.path], ""),)
        paths: dict[_GroupContent, list[FlattenPath]] = {}
        for target in step.targets:
            paths.setdefault(self._group_content(target, step), []).append(target.path)
        suffixes = [""] if len(paths) == 1 else [f"_{index}" for index in range(len(paths))]
        return tuple(
            self._group(content, own, suffix)
            for (content, own), suffix in zip(paths.items(), suffixes, strict=True)
        )

    def _group(
        self, content: _GroupContent, paths: Iterable[FlattenPath], suffix: str
    ) -> EntityGroup:
        return EntityGroup(
            alias=f"_e{suffix[1:]}" if suffix else "_entities",
            variable=self._representations + suffix,
            paths=tuple(paths),
            requires=content.requires,
            selection=content.text.replace(SUFFIX_PLACE, suffix),
            conditions=content.conditions,
            output_rewrites=content.output_rewrites,
            has_objects=content.has_objects,
            contexts=content.contexts,
            template=tuple(content.text.split(SUFFIX_PLACE)) if content.contexts else (),
            suffix=suffix,
            variable_usages=content.variable_usages,
        )

    def _group_content(self, target: EntityTarget, step: FetchStep) -> _GroupContent:
        requires = tuple(
            self._entity_fragment(type_name, required)
            for type_name, required in target.requires.items()
        )
        conditions = NO_CONDITIONS
        if self._is_conditional:
            conditions = target.needed_under(self._later_conditions[step])
        rewrites = separate_shapes(target.selection)
        text, has_objects = target.selection.print(), target.selection.has_objects()
        contexts = tuple(target.contexts.values())
        depth = sum(isinstance(item, KeySegment) for item in target.path) if contexts else 0
        used = self._variables(target.selection)
        return _GroupContent(
            requires, text, conditions, rewrites, has_objects, contexts, depth, used
        )

    def _entity_fragment(
        self, type_name: TypeName, required: Iterable[RequiredSelection]
    ) -> EntityFragment:
        return EntityFragment(
            type_name,
            self._query_graph.api_possible_types(type_name),
            tuple(required),
            is_interface=self._query_graph.is_abstract(type_name),
        )

    def _operation_name(self, step: FetchStep) -> str | None:
        """`<operation>__<subgraph>__<n>`: traces and logs of subgraphs tell where it came from."""
        if self._operation.name is None:
            return None
        subgraph = _NOT_A_NAME.sub("_", step.subgraph)
        return f"{self._operation.name}__{subgraph}__{self._numbers[step]}"


def in_sequence(nodes: Iterable[PlanNode]) -> PlanNode:
    """One node that runs some one after the other."""
    flat: list[PlanNode] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, SequenceNode) else (node,))
    return flat[0] if len(flat) == 1 else SequenceNode(tuple(flat))


def in_parallel(nodes: Sequence[PlanNode]) -> PlanNode:
    """One node that runs some at the same time."""
    return nodes[0] if len(nodes) == 1 else ParallelNode(tuple(nodes))
