"""Which fields a value of one type has in the response, with conditions left open.

https://spec.graphql.org/draft/#CollectFields()
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    is_abstract_type,
)

from supergraph.errors import broken_invariant
from supergraph.names import TypeName
from supergraph.planner.operation import (
    NO_CONDITIONS,
    Conditions,
    Deferral,
    Field,
    Fragment,
    Selections,
    Streaming,
)

__all__ = ["SelectedField", "SelectedFields", "any_holds"]


@dataclass(frozen=True, slots=True)
class SelectedField:
    """A response key of a type. It counts when one of the alternatives holds, or there is none.

    `type` is None for fields whose value needs no completion: introspection's. Where `streaming`
    is, the field's list may come in pieces.
    """

    response_key: str
    name: str
    alternatives: tuple[Conditions, ...]
    type: GraphQLOutputType | None
    selections: Selections
    streaming: Streaming | None = None


class SelectedFields:
    """Collects the fields of selections, by the API schema; deferred fragments are apart."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema

    def of(self, type_name: str, selections: Selections) -> list[SelectedField]:
        """The fields of one object type (or of an interface whose implementation is unknown)."""
        groups: dict[str, list[tuple[Conditions, Field]]] = {}
        self._collect(type_name, selections, NO_CONDITIONS, groups)
        return [self._field(type_name, key, group) for key, group in groups.items()]

    def deferred(
        self, type_name: str, selections: Selections, conditions: Conditions = NO_CONDITIONS
    ) -> Iterator[tuple[Deferral, Conditions, Fragment]]:
        """The deferred fragments for one type, each with the conditions under which it counts."""
        for selection in selections:
            if isinstance(selection, Field) or not self._applies(selection, type_name):
                continue
            own = conditions | selection.conditions
            if selection.deferral is None:
                yield from self.deferred(type_name, selection.selections, own)
            else:
                yield selection.deferral, own, selection

    def _collect(
        self,
        type_name: str,
        selections: Selections,
        conditions: Conditions,
        groups: dict[str, list[tuple[Conditions, Field]]],
    ) -> None:
        for selection in selections:
            own = conditions | selection.conditions
            if isinstance(selection, Field):
                groups.setdefault(selection.response_key, []).append((own, selection))
            elif selection.deferral is None and self._applies(selection, type_name):
                self._collect(type_name, selection.selections, own, groups)

    def _applies(self, fragment: Fragment, type_name: str) -> bool:
        condition = self.schema.type_map[fragment.type_condition]
        if condition.name == type_name:
            return True
        return is_abstract_type(condition) and self.schema.is_sub_type(
            condition, self._with_fields(type_name)
        )

    def _with_fields(self, name: str) -> GraphQLObjectType | GraphQLInterfaceType:
        type_ = self.schema.type_map[name]
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            broken_invariant(f"{name} is a type with fields")
        return type_

    def _field(
        self, type_name: str, response_key: str, group: list[tuple[Conditions, Field]]
    ) -> SelectedField:
        first = group[0][1]
        alternatives = tuple(dict.fromkeys(conditions for conditions, _ in group))
        if NO_CONDITIONS in alternatives:
            alternatives = ()
        if first.name.startswith("__"):
            return SelectedField(response_key, first.name, alternatives, None, ())
        field_type = self._with_fields(type_name).fields[first.name].type
        selections = _merged_selections(field_type, group)
        return SelectedField(
            response_key, first.name, alternatives, field_type, selections, first.streaming
        )


def any_holds(alternatives: tuple[Conditions, ...], variables: Mapping[str, Any]) -> bool:
    """Whether the variables fulfil all conditions of at least one alternative."""
    return any(
        all(variables.get(item.variable) is item.includes for item in conditions)
        for conditions in alternatives
    )


def _merged_selections(
    field_type: GraphQLOutputType, group: list[tuple[Conditions, Field]]
) -> Selections:
    """What all occurrences select together, each under its own conditions."""
    if len(group) == 1:
        return group[0][1].selections
    if len({conditions for conditions, _ in group}) == 1:
        return tuple(item for _, field in group for item in field.selections)
    named = field_type
    while isinstance(named, GraphQLNonNull | GraphQLList):
        named = named.of_type
    return tuple(
        Fragment(TypeName(named.name), field.selections, conditions) for conditions, field in group
    )
