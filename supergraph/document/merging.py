"""Whether the fields of a selection set can be merged, in time linear in their number.

The specification compares fields in pairs
(https://spec.graphql.org/September2025/#sec-Field-Selection-Merging), which takes a second for a
field that stands in a document a thousand times. Here all fields of a response key are looked at
together, and what they select is merged before it is looked at. Fields whose parents are different
object types never meet in an answer: they need not agree on what they ask for, only on the shape of
what they return.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from graphql import (
    ArgumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

from supergraph.document.doubt import NESTING_MAX, DoubtError
from supergraph.document.tables import CompositeType, FieldTable, SchemaTables

__all__ = ["MERGED_FIELDS_MAX", "FieldMerging"]

#: Selections looked at in one document. Where abstract types meet many object types a field is
#: looked at once for each; beyond this nothing is certain.
MERGED_FIELDS_MAX = 100_000

#: A selection set and the type it is applied to; None for an unknown one.
_Set: TypeAlias = tuple[CompositeType | None, SelectionSetNode]
#: A field where it stands: its parent type, the node, and what the schema says of it.
_Occurrence: TypeAlias = tuple[CompositeType | None, FieldNode, FieldTable | None]


class FieldMerging:
    """Compares the fields of one document; raises `DoubtError` where they may not be merged.

    Unknown types and fields are taken for abstract types and fields of any shape, as graphql-core
    takes them, so that it need not compare the fields of documents that are invalid otherwise.
    """

    def __init__(
        self, tables: SchemaTables, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._tables = tables
        self._fragments = fragments
        self._left = MERGED_FIELDS_MAX

    def check(self, parent: CompositeType | None, selection_set: SelectionSetNode) -> None:
        """Check the fields of one selection set.

        Selection sets below its fields are compared only where fields merge: each is one to check
        by itself.
        """
        self._check_sets([(parent, selection_set)], must_agree=True, depth=1)

    def _check_sets(self, sets: Iterable[_Set], *, must_agree: bool, depth: int) -> None:
        if depth > NESTING_MAX:
            raise DoubtError
        groups: dict[str, dict[tuple[int, CompositeType | None], _Occurrence]] = {}
        spread: set[str] = set()
        for parent, selection_set in sets:
            self._collect(parent, selection_set, groups, spread)
        for group in groups.values():
            if len(group) > 1:
                self._check_group(list(group.values()), must_agree=must_agree, depth=depth)

    def _collect(
        self,
        parent: CompositeType | None,
        selection_set: SelectionSetNode,
        groups: dict[str, dict[tuple[int, CompositeType | None], _Occurrence]],
        spread: set[str],
    ) -> None:
        """The fields by response key; a node counts once for each type it is applied to."""
        self._left -= len(selection_set.selections)
        if self._left < 0:
            raise DoubtError
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                table = None if parent is None else parent.fields.get(node.name.value)
                key = (node.alias or node.name).value
                groups.setdefault(key, {})[id(node), parent] = (parent, node, table)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = (
                    parent if condition is None else self._tables.composite(condition.name.value)
                )
                self._collect(inner, node.selection_set, groups, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                fragment = self._fragments.get(node.name.value)
                if fragment is not None:
                    inner = self._tables.composite(fragment.type_condition.name.value)
                    self._collect(inner, fragment.selection_set, groups, spread)

    def _check_group(self, group: list[_Occurrence], *, must_agree: bool, depth: int) -> None:
        """Check fields with one response key, and what they select together."""
        if len({table.shape for _, _, table in group if table is not None}) > 1:
            raise DoubtError
        clusters = _meeting(group) if must_agree else []
        for cluster in clusters:
            _check_agreement([node for _, node, _ in cluster])
            if len(cluster) > 1:
                self._check_sets(_selected(cluster), must_agree=True, depth=depth + 1)
        if len(clusters) != 1:
            self._check_sets(_selected(group), must_agree=False, depth=depth + 1)


def _meeting(group: Iterable[_Occurrence]) -> list[list[_Occurrence]]:
    """The fields that can meet in one answer: those of an object type and of all abstract ones."""
    abstract: list[_Occurrence] = []
    by_object: dict[CompositeType, list[_Occurrence]] = {}
    for occurrence in group:
        parent = occurrence[0]
        if parent is None or not parent.is_object:
            abstract.append(occurrence)
        else:
            by_object.setdefault(parent, []).append(occurrence)
    return [[*abstract, *own] for own in by_object.values()] or [abstract]


def _selected(group: Iterable[_Occurrence]) -> list[_Set]:
    return [
        (None if table is None else table.returns, node.selection_set)
        for _, node, table in group
        if node.selection_set is not None
    ]


def _check_agreement(nodes: list[FieldNode]) -> None:
    """The same field with the same arguments; a streamed list merges with none."""
    first, *others = nodes
    arguments = _sorted(first.arguments)
    for node in others:
        if node.name.value != first.name.value or _sorted(node.arguments) != arguments:
            raise DoubtError
    for node in nodes:
        if any(directive.name.value == "stream" for directive in node.directives or ()):
            raise DoubtError


def _sorted(arguments: tuple[ArgumentNode, ...] | None) -> list[ArgumentNode] | None:
    if not arguments:
        return None
    if len({node.name.value for node in arguments}) < len(arguments):
        raise DoubtError
    return sorted(arguments, key=lambda node: node.name.value)
