"""Put together what representations must carry."""

from collections.abc import Iterable
from dataclasses import replace

from supergraph.planner.fetch.scope import Scope, ScopeTable
from supergraph.planner.operation import Field, Selections
from supergraph.planner.plan_nodes import RequiredField, RequiredFragment, RequiredSelection
from supergraph.query_graph.graph import QueryGraph

__all__ = ["merge_required", "representation_of"]


def representation_of(
    selections: Selections, scope: Scope, scopes: ScopeTable, graph: QueryGraph
) -> list[RequiredSelection]:
    """What the planner's own selections at a place come to, read from the response's data."""
    found: list[RequiredSelection] = []
    for selection in selections:
        if isinstance(selection, Field):
            found.append(_required_field(selection, scope, scopes, graph))
            continue
        inner = representation_of(selection.selections, scope, scopes, graph)
        types = graph.api_possible_types(selection.type_condition)
        found.append(RequiredFragment(selection.type_condition, types, tuple(inner)))
    return found


def merge_required(
    first: Iterable[RequiredSelection], second: Iterable[RequiredSelection]
) -> list[RequiredSelection] | None:
    """One list that asks for all of both.

    None where they cannot stand in one representation: the same field, read from two places, since
    two `@requires` call it with different arguments.
    """
    merged = list(first)
    for selection in second:
        index = _same_place(merged, selection)
        if index is None:
            merged.append(selection)
            continue
        own = merged[index]
        if (
            isinstance(own, RequiredField)
            and isinstance(selection, RequiredField)
            and own.response_key != selection.response_key
        ):
            return None
        inner = merge_required(own.selections, selection.selections)
        if inner is None:
            return None
        merged[index] = replace(own, selections=tuple(inner))
    return merged


def _required_field(
    field: Field, scope: Scope, scopes: ScopeTable, graph: QueryGraph
) -> RequiredField:
    if field.name == "__typename":
        return RequiredField("__typename", "__typename")
    key = scopes.internal_key(scope, field)
    inner: tuple[RequiredSelection, ...] = ()
    if field.selections:
        inner = tuple(representation_of(field.selections, (*scope, key), scopes, graph))
    return RequiredField(field.name, key, inner)


def _same_place(merged: list[RequiredSelection], selection: RequiredSelection) -> int | None:
    for index, own in enumerate(merged):
        match own, selection:
            case RequiredField(), RequiredField() if own.name == selection.name:
                return index
            case RequiredFragment(), RequiredFragment() if (
                own.type_condition == selection.type_condition
            ):
                return index
            case _:
                continue
    return None
