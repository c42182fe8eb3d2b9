"""One walk over the selections of a definition, for all rules that need no other definition.

Covers Field Selections, Leaf Field Selections, Fragment Spread Type Existence, Fragments on
Composite Types, Fragment Spread is Possible, Directives Are Defined, in Valid Locations and Unique,
and what concerns arguments. What other rules need is noted in a `Scope`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    NullValueNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
)

from supergraph.document.doubt import DoubtError
from supergraph.document.inputs import VariableUse, check_arguments
from supergraph.document.tables import CompositeType, SchemaTables

__all__ = ["Level", "Scope", "SelectionWalk"]


@dataclass(slots=True)
class Level:
    """A selection set whose response keys may meet others: inline fragments are part of it."""

    parent: CompositeType
    selection_set: SelectionSetNode
    keys: list[str] = field(default_factory=list)
    spreads: list[str] = field(default_factory=list)

    def may_collide(self) -> bool:
        """Whether two fields of the level may have the same response key."""
        return bool(self.spreads) or len(set(self.keys)) < len(self.keys)


@dataclass(slots=True)
class Scope:
    """What the rules across definitions need to know about one definition.

    `spreads` has the deepest nesting at which each fragment is spread, `depth` that of the
    definition's own selection sets. `levels` are those that may collide.
    """

    uses: list[VariableUse] = field(default_factory=list)
    spreads: dict[str, int] = field(default_factory=dict)
    levels: list[Level] = field(default_factory=list)
    top: Level | None = None
    depth: int = 0
    defers: bool = False


class SelectionWalk:
    """Walks the definitions of one document; raises `DoubtError` at the first doubt."""

    def __init__(
        self, tables: SchemaTables, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._tables = tables
        self._fragments = fragments
        self._labels: set[str] = set()

    def definition(self, selection_set: SelectionSetNode, parent: CompositeType) -> Scope:
        """Check the selections of an operation or fragment."""
        scope = Scope()
        scope.top = self._level(selection_set, parent, scope, 1)
        return scope

    def directives(
        self, nodes: Iterable[DirectiveNode], location: type[Node] | OperationType, scope: Scope
    ) -> None:
        """Check the directives applied to something."""
        seen: set[str] = set()
        for node in nodes:
            name = node.name.value
            table = self._tables.directives.get(name)
            if table is None or location not in table.locations:
                raise DoubtError
            if name in seen and not table.is_repeatable:
                raise DoubtError
            seen.add(name)
            check_arguments(node.arguments, table.arguments, table.required, scope.uses)
            if name == "defer":
                self._defer(node, scope)
            elif name == "stream":  # its rules are many, and few documents have it
                raise DoubtError

    def _level(
        self, node: SelectionSetNode, parent: CompositeType, scope: Scope, depth: int
    ) -> Level:
        level = Level(parent, node)
        self._selections(node, parent, scope, level, depth)
        if level.may_collide():
            scope.levels.append(level)
        return level

    def _selections(
        self, node: SelectionSetNode, parent: CompositeType, scope: Scope, level: Level, depth: int
    ) -> None:
        scope.depth = max(scope.depth, depth)
        fields = parent.fields
        keys = level.keys
        for selection in node.selections:
            if type(selection) is not FieldNode:
                self._fragment(selection, parent, scope, level, depth)
                continue
            name = selection.name.value
            table = fields.get(name)
            if table is None:
                raise DoubtError
            keys.append(name if selection.alias is None else selection.alias.value)
            if selection.arguments or table.required:
                check_arguments(selection.arguments, table.arguments, table.required, scope.uses)
            if selection.directives:
                self.directives(selection.directives, FieldNode, scope)
            inner = selection.selection_set
            if (inner is None) is not (table.returns is None):
                raise DoubtError
            if inner is not None and table.returns is not None:
                self._level(inner, table.returns, scope, depth + 1)

    def _fragment(
        self, node: Node, parent: CompositeType, scope: Scope, level: Level, depth: int
    ) -> None:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            fragment = self._fragments.get(name)
            if fragment is None:
                raise DoubtError
            self._narrowed(parent, fragment.type_condition.name.value)
            level.spreads.append(name)
            scope.spreads[name] = max(depth, scope.spreads.get(name, 0))
            self.directives(node.directives or (), FragmentSpreadNode, scope)
        elif isinstance(node, InlineFragmentNode):
            if node.type_condition is not None:
                parent = self._narrowed(parent, node.type_condition.name.value)
            self.directives(node.directives or (), InlineFragmentNode, scope)
            self._selections(node.selection_set, parent, scope, level, depth + 1)

    def _narrowed(self, parent: CompositeType, condition: str) -> CompositeType:
        type_ = self._tables.composite(condition)
        if type_ is None or not type_.overlaps(parent):
            raise DoubtError
        return type_

    def _defer(self, node: DirectiveNode, scope: Scope) -> None:
        """A label is a literal string and stands once in the document."""
        scope.defers = True
        for argument in node.arguments or ():
            if argument.name.value == "label" and not isinstance(argument.value, NullValueNode):
                label = argument.value
                if not isinstance(label, StringValueNode) or label.value in self._labels:
                    raise DoubtError
                self._labels.add(label.value)
