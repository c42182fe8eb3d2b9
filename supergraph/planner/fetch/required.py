"""Put together what representations must carry."""

from collections.abc import Iterable
from dataclasses import replace

from supergraph.planner.plan_nodes import RequiredField, RequiredFragment, RequiredSelection

__all__ = ["merge_required"]


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
