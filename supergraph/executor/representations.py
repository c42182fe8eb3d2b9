"""Build the representations that `_entities` is asked with.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec
"""

from collections.abc import Iterable
from typing import Any

from supergraph.planner.plan_nodes import RequiredFragment, RequiredSelection

__all__ = ["build_representation"]


class _MissingError(Exception):
    """A required field never arrived: the fetch that had to bring it failed."""


def build_representation(
    entity: dict[str, Any], requires: Iterable[RequiredFragment]
) -> dict[str, Any] | None:
    """The representation of an object.

    None when no fragment is for its type, or when a required field is missing (not null: absent),
    which an error of the fetch that failed to bring it explains already.
    """
    type_name = entity.get("__typename")
    for fragment in requires:
        if type_name in fragment.type_names:
            # An interface's representation carries the object's own type name.
            representation = {"__typename": type_name}
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
            if source.get("__typename") in selection.type_names:
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
