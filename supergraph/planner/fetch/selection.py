"""The selection set a fetch step sends, while it is being built."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import (
    ArgumentNode,
    ListValueNode,
    NameNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)

from supergraph.document.print import print_argument
from supergraph.names import TypeName
from supergraph.planner.operation import NO_CONDITIONS, Conditions

__all__ = ["SUFFIX_PLACE", "FetchField", "FetchSelection", "context_argument"]

#: Stands in printed selections where a context's variable may get a suffix. No document can have
#: this character (https://spec.graphql.org/draft/#SourceCharacter), so no text of a client's does.
SUFFIX_PLACE = "\ud800"


def context_argument(name: str, variable: str) -> ArgumentNode:
    """An argument whose value is that of a context's variable, not of one of the client's."""
    value = VariableNode(name=NameNode(value=variable + SUFFIX_PLACE))
    return ArgumentNode(name=NameNode(value=name), value=value)


@dataclass(slots=True)
class FetchField:
    """A field as it is asked from the subgraph.

    `is_internal` where only the planner wants it, for the sake of a later step.
    """

    name: str
    response_key: str
    arguments: tuple[ArgumentNode, ...]
    conditions: Conditions
    shape: str
    selection: "FetchSelection | None" = None
    is_internal: bool = False


@dataclass(slots=True)
class FetchSelection:
    """A mutable selection set; adding what is there already changes nothing.

    `wants_typename` where the client asks for `__typename`, and not only the planner.
    """

    selects_typename: bool = False
    wants_typename: bool = False
    fields: dict[tuple[str, Conditions], FetchField] = field(default_factory=dict)
    fragments: dict[tuple[TypeName, Conditions], "FetchSelection"] = field(default_factory=dict)

    def add(
        self,
        name: str,
        response_key: str,
        arguments: tuple[ArgumentNode, ...] = (),
        conditions: Conditions = NO_CONDITIONS,
        shape: str = "String!",
        is_internal: bool = False,
    ) -> FetchField:
        """The field under its response key and conditions, added if it was missing."""
        key = (response_key, conditions)
        found = self.fields.get(key)
        if found is None:
            found = FetchField(name, response_key, arguments, conditions, shape)
            found.is_internal = is_internal
            self.fields[key] = found
        elif not is_internal:
            found.is_internal = False
        return found

    def on_type(
        self, type_name: TypeName, conditions: Conditions = NO_CONDITIONS
    ) -> "FetchSelection":
        """The selection set for values of a type, added if it was missing."""
        return self.fragments.setdefault((type_name, conditions), FetchSelection())

    def absorb(self, other: "FetchSelection") -> None:
        """Add everything another selection set asks for."""
        self.selects_typename |= other.selects_typename
        self.wants_typename |= other.wants_typename
        for item in other.fields.values():
            own = self.add(
                item.name,
                item.response_key,
                item.arguments,
                item.conditions,
                item.shape,
                item.is_internal,
            )
            if item.selection is not None:
                if own.selection is None:
                    own.selection = FetchSelection()
                own.selection.absorb(item.selection)
        for (type_name, conditions), selection in other.fragments.items():
            self.on_type(type_name, conditions).absorb(selection)

    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (
            self.selects_typename
            or self.fields
            or any(not selection.is_empty() for selection in self.fragments.values())
        )

    def has_objects(self) -> bool:
        """Whether anything but leaves is asked for."""
        return any(item.selection is not None for item in self.fields.values()) or any(
            selection.has_objects() for selection in self.fragments.values()
        )

    def print(self) -> str:
        """The text between the braces."""
        parts = ["__typename"] if self.selects_typename else []
        parts += [_print_field(item) for item in self.fields.values()]
        for (type_name, conditions), selection in self.fragments.items():
            if not selection.is_empty():
                inner = f"... on {type_name} {{ {selection.print()} }}"
                parts.append(_print_conditional(inner, conditions))
        # A selection set may not be empty; `__typename` asks for nothing that could fail.
        return " ".join(parts) or "__typename"

    def common_conditions(self, of_internal: Conditions) -> Conditions:
        """The conditions that everything asked for here has in common.

        `of_internal` are the conditions under which the planner's own fields are of use.
        """
        if self.wants_typename:
            return NO_CONDITIONS
        own = [
            of_internal if item.is_internal else item.conditions for item in self.fields.values()
        ]
        own += [
            conditions | selection.common_conditions(of_internal)
            for (_, conditions), selection in self.fragments.items()
            if not selection.is_empty()
        ]
        return frozenset.intersection(*own) if own else NO_CONDITIONS

    def variables(self) -> set[str]:
        """Names of the client's variables used in arguments and conditions."""
        found: set[str] = set()
        for item in self.fields.values():
            if item.conditions:
                found |= {condition.variable for condition in item.conditions}
            if item.arguments:
                found |= _variables_in(item.arguments)
            if item.selection is not None:
                found |= item.selection.variables()
        for (_, conditions), selection in self.fragments.items():
            found |= {condition.variable for condition in conditions}
            found |= selection.variables()
        return found


def _print_field(item: FetchField) -> str:
    text = item.name
    if item.response_key != item.name:
        text = f"{item.response_key}: {text}"
    if item.arguments:
        text += f"({', '.join(map(print_argument, item.arguments))})"
    directives = _directives(item.conditions)
    inner = f" {{ {item.selection.print()} }}" if item.selection is not None else ""
    if directives is None:
        return _print_conditional(text + inner, item.conditions)
    return text + directives + inner


def _directives(conditions: Conditions) -> str | None:
    """The conditions as directives on one place; None where one directive would stand twice."""
    if not conditions:
        return ""
    if len({condition.includes for condition in conditions}) != len(conditions):
        return None
    return "".join(
        f" @{'include' if condition.includes else 'skip'}(if: ${condition.variable})"
        for condition in sorted(conditions)
    )


def _print_conditional(inner: str, conditions: Conditions) -> str:
    """Wrap in as many fragments as conditions: `@include` may not be repeated in one place."""
    for condition in sorted(conditions):
        inner = f"...{_directives(frozenset({condition}))} {{ {inner} }}"
    return inner


def _variables_in(arguments: Iterable[ArgumentNode]) -> set[str]:
    found: set[str] = set()
    pending: list[ValueNode] = [node.value for node in arguments]
    while pending:
        node = pending.pop()
        if isinstance(node, VariableNode):
            if not node.name.value.endswith(SUFFIX_PLACE):
                found.add(node.name.value)
        elif isinstance(node, ListValueNode):
            pending.extend(node.values)
        elif isinstance(node, ObjectValueNode):
            pending.extend(item.value for item in node.fields)
    return found
