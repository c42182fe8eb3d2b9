"""Build the representations that `_entities` is asked with.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec
"""

from collections.abc import Iterable
from typing import Any

from supergraph.executor.flatten import is_one_of
from supergraph.planner.plan_nodes import (
    EntityFragment,
    RequiredFragment,
    RequiredSelection,
)

__all__ = ["build_representation"]


class _MissingError(Exception):
    """A required field never arrived: the fetch that had to bring it failed."""


def build_representation(
    entity: dict[str, Any], requires: Iterable[EntityFragment]
) -> dict[str, Any] | None:
    """The representation of an object.

    None when no fragment is for its type, or when a required field is missing (not null: absent),
    which an error of the fetch that failed to bring it explains already.
    """
    type_name = entity.get("__typename")
    for fragment in requires:
        # A value that came from an interface object has no type name of its own yet.
        if is_one_of(type_name, fragment.type_names) or (
            type_name is None and fragment.is_interface
        ):
            name = fragment.type_condition if fragment.is_interface else type_name
            representation = {"__typename": name}
            try:
                _project(entity, fragment.selections, representation)
            except _MissingError:
                return None
            return representation
    return None


def _project(
    source: dict[str, Any], selections: Iterable[RequiredSelection], into: dict[str, Any]
) -> None:
    for selection in selections:
        if isinstance(selection, RequiredFragment):
            if is_one_of(source.get("__typename"), selection.type_names):
                into["__typename"] = source["__typename"]
                _project(source, selection.selections, into)
            continue
        if selection.response_key not in source:
            raise _MissingError
        value = source[selection.response_key]
        inner = selection.selections
        into[selection.name] = _project_value(value, inner) if inner else value


def _project_value(value: Any, selections: tuple[RequiredSelection, ...]) -> Any:
    if isinstance(value, list):
        return [_project_value(item, selections) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    _project(value, selections, found)
    return found
