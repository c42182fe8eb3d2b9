"""Labels of progressive `@override`: which subgraph resolves a field depends on active labels.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/entities/migrate-fields

A supergraph names the label on the field's join of both subgraphs. While the label is inactive the
old subgraph resolves the field, and while it is active the new one does.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from supergraph.federation.supergraph_records import FieldState, SupergraphState, TypeState

__all__ = ["override_labels", "percent_of", "with_active_labels"]

_PERCENT = re.compile(r"percent\((?P<share>\d{1,2}(?:\.\d{1,8})?|100)\)")


def percent_of(label: str) -> float | None:
    """The share of requests that a label "percent(x)" is active for; None for a plain name."""
    match = _PERCENT.fullmatch(label)
    return float(match["share"]) if match is not None else None


def override_labels(state: SupergraphState) -> frozenset[str]:
    """Every label in the supergraph."""
    return frozenset(
        label
        for type_state in state.types.values()
        for field in type_state.fields.values()
        for label in _labels(field)
    )


def with_active_labels(state: SupergraphState, active: AbstractSet[str]) -> SupergraphState:
    """The supergraph as it is while these labels, and no others, are active."""
    changed = {
        type_state.name: replace(
            type_state,
            fields={name: _moved(field, active) for name, field in type_state.fields.items()},
        )
        for type_state in state.types.values()
        if _depends_on(type_state, active)
    }
    return replace(state, types={**state.types, **changed}) if changed else state


def _depends_on(type_state: TypeState, active: AbstractSet[str]) -> bool:
    return any(label in active for field in type_state.fields.values() for label in _labels(field))


def _moved(field: FieldState, active: AbstractSet[str]) -> FieldState:
    if active.isdisjoint(_labels(field)):
        return field
    joins = {
        subgraph: replace(join, external=join.external_when_active)
        if join.override_label in active
        else join
        for subgraph, join in field.joins.items()
    }
    return replace(field, joins=joins)


def _labels(field: FieldState) -> Iterator[str]:
    for join in field.joins.values():
        if join.override_label is not None:
            yield join.override_label
