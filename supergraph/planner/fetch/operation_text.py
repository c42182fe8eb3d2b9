"""The text of a fetch's operation; `definitions` are those of the client's variables in it."""

from collections.abc import Iterable

from supergraph.planner.plan_nodes import EntityGroup

__all__ = ["entities_operation", "root_operation"]


def root_operation(head: str, definitions: Iterable[str], selection: str) -> str:
    """The operation that selects root fields."""
    listed = ", ".join(definitions)
    start = f"{head}({listed})" if listed else head
    return f"{{ {selection} }}" if start == "query" else f"{start} {{ {selection} }}"


def entities_operation(head: str, definitions: Iterable[str], groups: Iterable[EntityGroup]) -> str:
    """The operation with an `_entities` selection for each group."""
    variables: list[str] = []
    selections: list[str] = []
    for group in groups:
        variables.append(f"${group.variable}: [_Any!]!")
        variables += [f"${item.variable}{group.suffix}: {item.type}" for item in group.contexts]
        alias = "" if group.alias == "_entities" else f"{group.alias}: "
        entities = f"_entities(representations: ${group.variable})"
        selections.append(f"{alias}{entities} {{ {group.selection} }}")
    variables.extend(definitions)
    return f"{head}({', '.join(variables)}) {{ {' '.join(selections)} }}"
