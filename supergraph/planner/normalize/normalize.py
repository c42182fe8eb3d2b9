"""Inline fragments, merge duplicate fields, decide literal conditions.

The result means the same as the document under CollectFields
(https://spec.graphql.org/draft/#CollectFields()), for every value of its variables: fields with
the same response key but different conditions stay apart, everything else is merged. Field sets of
keys and `@requires` go through the same code, so that the planner knows one form only.

Deferred fragments (`@defer`) stay as they are, each with its own `Deferral`, where that is asked
for; elsewhere they are fragments like any other, which the specification allows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)

from supergraph.document.parse import parse_document
from supergraph.document.print import print_argument
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, invariant
from supergraph.names import TypeName
from supergraph.planner.normalize.deferrals import Deferring
from supergraph.planner.operation import (
    NO_CONDITIONS,
    Condition,
    Conditions,
    Deferral,
    Field,
    Fragment,
    NormalizedOperation,
    Selection,
    Selections,
    Streaming,
)
from supergraph.query_graph.graph import QueryGraph

__all__ = ["NORMALIZED_FIELDS_MAX", "normalize_field_set", "normalize_operation"]

#: Fields an operation may have once its fragments are inlined. Nested fragments can grow a short
#: document exponentially; beyond this the operation is refused with OPERATION_TOO_LARGE.
NORMALIZED_FIELDS_MAX = 20_000

#: Field sets kept as syntax, over all supergraphs; the least recently used is parsed again.
FIELD_SETS_MAX = 2_000


_FieldKey: TypeAlias = tuple[str, Conditions]
_FragmentKey: TypeAlias = tuple[TypeName, Conditions, Deferral | None]


@dataclass(slots=True)
class _Bucket:
    """The occurrences at one level of a selection set, in order of first appearance."""

    parent: TypeName
    fields: dict[_FieldKey, list[FieldNode]] = field(default_factory=dict)
    fragments: dict[_FragmentKey, "_Bucket"] = field(default_factory=dict)
    order: list[_FieldKey | _FragmentKey] = field(default_factory=list)
    spread: set[tuple[str, Conditions]] = field(default_factory=set)


def normalize_operation(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    graph: QueryGraph,
    deferring: Deferring | None = None,
) -> NormalizedOperation:
    """Normalize one operation of a valid document.

    With `deferring`, fragments are marked that it defers.

    Raises `ClientError` with OPERATION_TOO_LARGE when it grows over `NORMALIZED_FIELDS_MAX`.
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    kind = operation.operation.value
    root_type = graph.state.roots[kind]
    normalizer = _Normalizer(graph, fragments, deferring)
    return NormalizedOperation(
        kind=kind,
        name=operation.name.value if operation.name else None,
        root_type=root_type,
        selections=normalizer.normalize(root_type, [operation.selection_set]),
        variables={node.variable.name.value: node for node in operation.variable_definitions or ()},
    )


def normalize_field_set(text: str, parent: TypeName, graph: QueryGraph) -> Selections:
    """Normalize a field set, of a key or `@requires` say, with or without outer braces."""
    return _Normalizer(graph, {}).normalize(parent, [_parsed_field_set(text)])


@lru_cache(FIELD_SETS_MAX)
def _parsed_field_set(text: str) -> SelectionSetNode:
    source = text if text.startswith("{") else f"{{{text}}}"
    document = parse_document(source, len(source)) or parse(source, no_location=True)
    operation = document.definitions[0]
    invariant(isinstance(operation, OperationDefinitionNode), "a field set is a selection set")
    return operation.selection_set  # type: ignore[attr-defined, no-any-return]


class _Normalizer:
    def __init__(
        self,
        graph: QueryGraph,
        fragments: Mapping[str, FragmentDefinitionNode],
        deferring: Deferring | None = None,
    ) -> None:
        self._graph = graph
        self._fragments = fragments
        self._deferring = deferring
        self._fields_left = NORMALIZED_FIELDS_MAX

    def normalize(self, parent: TypeName, sources: Iterable[SelectionSetNode]) -> Selections:
        bucket = _Bucket(parent)
        for source in sources:
            self._collect(bucket, source, NO_CONDITIONS)
        return self._build(bucket)

    def _collect(
        self, bucket: _Bucket, selection_set: SelectionSetNode, conditions: Conditions
    ) -> None:
        for node in selection_set.selections:
            own = _with_directives(conditions, node.directives)
            if own is None:
                continue
            if isinstance(node, FieldNode):
                self._add_field(bucket, node, own)
            elif isinstance(node, InlineFragmentNode):
                self._enter_fragment(bucket, node, node, own)
            elif isinstance(node, FragmentSpreadNode):
                self._enter_fragment(bucket, node, self._fragments[node.name.value], own)

    def _add_field(self, bucket: _Bucket, node: FieldNode, conditions: Conditions) -> None:
        self._fields_left -= 1
        if self._fields_left < 0:
            raise ClientError(
                codes.OPERATION_TOO_LARGE,
                f"The operation selects more than {NORMALIZED_FIELDS_MAX} fields "
                "once its fragments are expanded.",
            )
        key = ((node.alias or node.name).value, conditions)
        if key not in bucket.fields:
            bucket.fields[key] = []
            bucket.order.append(key)
        bucket.fields[key].append(node)

    def _enter_fragment(
        self,
        bucket: _Bucket,
        node: InlineFragmentNode | FragmentSpreadNode,
        fragment: InlineFragmentNode | FragmentDefinitionNode,
        conditions: Conditions,
    ) -> None:
        """Collect what a fragment selects; `node` is where it stands, with its directives."""
        condition = fragment.type_condition
        type_condition = TypeName(condition.name.value) if condition else bucket.parent
        of_parent = self._graph.api_possible_types(bucket.parent)
        of_fragment = self._graph.api_possible_types(type_condition)
        if not of_parent & of_fragment:
            return
        deferral = None
        if self._deferring is not None:
            narrows = not of_parent <= of_fragment
            deferral = self._deferring.deferral(node.directives, narrows=narrows)
        if deferral is None and isinstance(node, FragmentSpreadNode):
            # A fragment spread twice at the same place adds nothing the second time.
            mark = (node.name.value, conditions)
            if mark in bucket.spread:
                return
            bucket.spread.add(mark)
        # An object type is what it is, so a fragment that fits it says nothing new. An interface
        # with one implementation is not: the implementation has fields that it lacks.
        says_nothing_new = type_condition == bucket.parent or (
            of_parent == {bucket.parent} and of_parent <= of_fragment
        )
        if deferral is None and says_nothing_new:
            self._collect(bucket, fragment.selection_set, conditions)
            return
        key = (type_condition, conditions, deferral)
        if key not in bucket.fragments:
            bucket.fragments[key] = _Bucket(type_condition)
            bucket.order.append(key)
        # The fragment carries the conditions; inside it they hold already.
        self._collect(bucket.fragments[key], fragment.selection_set, NO_CONDITIONS)

    def _build(self, bucket: _Bucket) -> Selections:
        built: list[Selection] = []
        for key in bucket.order:
            if len(key) == 2:
                built.append(self._build_field(bucket.parent, bucket.fields[key], key))
                continue
            selections = self._build(bucket.fragments[key])
            if selections:
                type_condition, conditions, deferral = key
                built.append(Fragment(type_condition, selections, conditions, deferral))
        return tuple(built)

    def _build_field(
        self, parent: TypeName, nodes: list[FieldNode], key: tuple[str, Conditions]
    ) -> Field:
        first = nodes[0]
        arguments = first.arguments or ()
        if len(arguments) > 1:
            arguments = tuple(sorted(arguments, key=lambda node: node.name.value))
        sources = [node.selection_set for node in nodes if node.selection_set is not None]
        selections: Selections = ()
        if sources and not first.name.value.startswith("__"):
            state = self._graph.type_state(parent).fields[first.name.value]
            selections = self.normalize(state.type_name, sources)
        return Field(
            name=first.name.value,
            response_key=key[0],
            arguments=arguments,
            signature=",".join(map(print_argument, arguments)),
            conditions=key[1],
            selections=selections,
            # What has `@stream` may not be merged with anything, so it is the only one.
            streaming=_streaming(first) if first.directives else None,
        )


def _streaming(node: FieldNode) -> Streaming | None:
    for directive in node.directives or ():
        if directive.name.value == "stream":
            return Streaming(tuple(directive.arguments or ()))
    return None


def _with_directives(
    conditions: Conditions, directives: Iterable[DirectiveNode] | None
) -> Conditions | None:
    """The conditions with a selection's own added; None when it is excluded by a literal."""
    for directive in directives or ():
        name = directive.name.value
        if name not in {"skip", "include"}:
            continue
        argument = next(iter(directive.arguments or ())).value
        if isinstance(argument, VariableNode):
            conditions = conditions | {Condition(argument.name.value, name == "include")}
        elif isinstance(argument, BooleanValueNode) and argument.value != (name == "include"):
            return None
    return conditions
