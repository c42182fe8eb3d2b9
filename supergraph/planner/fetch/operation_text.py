"""The text of a fetch's operation."""

from collections.abc import Iterable
from typing import NamedTuple

from supergraph.planner.plan_nodes import ContextValue, EntityGroup

__all__ = ["EntitiesCall", "call_of", "entities_operation", "root_operation"]


def root_operation(head: str, definitions: Iterable[str], selection: str) -> str:
    """The operation that selects root fields; `definitions` are those of its variables."""
    listed = ", ".join(definitions)
    start = f"{head}({listed})" if listed else head
    return f"{{ {selection} }}" if start == "query" else f"{start} {{ {selection} }}"


class EntitiesCall(NamedTuple):
    """One `_entities` selection of a request."""

    alias: str
    variable: str
    contexts: tuple[ContextValue, ...]
    suffix: str
    selection: str


def call_of(group: EntityGroup) -> EntitiesCall:
    """The selection of a group."""
    return EntitiesCall(group.alias, group.variable, group.contexts, group.suffix, group.selection)


def entities_operation(head: str, definitions: Iterable[str], calls: Iterable[EntitiesCall]) -> str:
    """The operation that makes the calls; `definitions` are those of the client's variables."""
    own: list[str] = []
    selections: list[str] = []
    for call in calls:
        own.append(f"${call.variable}: [_Any!]!")
        own += [f"${value.variable}{call.suffix}: {value.type}" for value in call.contexts]
        alias = "" if call.alias == "_entities" else f"{call.alias}: "
        entities = f"_entities(representations: ${call.variable})"
        selections.append(f"{alias}{entities} {{ {call.selection} }}")
    return f"{head}({', '.join([*own, *definitions])}) {{ {' '.join(selections)} }}"
