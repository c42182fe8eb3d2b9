"""Merging default values: all subgraphs have the same, or there is none."""

from collections.abc import Sequence

from supergraph.composition.schema.model import Argument
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.error_codes import hints
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.values import print_value, values_equal

__all__ = ["describe_defaults", "merge_default_value"]


def merge_default_value(
    context: MergeContext,
    merged: Argument,
    sources: Sequence[Source[Argument]],
    mismatch: ErrorCode,
    coordinate: str,
) -> None:
    """Set the default, report it as contradictory, or leave it out where some have none."""
    given = [source for source in sources if source.element.has_default]
    if not given:
        return
    first = given[0].element.default
    if not all(values_equal(source.element.default, first) for source in given):
        context.error(
            mismatch,
            f'The default values of "{coordinate}" differ: {describe_defaults(given)}; give it '
            "one default in all of them, or none.",
            given,
        )
    elif len(given) < len(sources):
        without = [state for state, element in sources if not element.has_default]
        context.hint(
            hints.INCONSISTENT_DEFAULT_VALUE_PRESENCE,
            f'"{coordinate}" has the default {print_value(first)} only in '
            f"{names_of(state for state, _ in given)}, not in {names_of(without)}: it has none "
            "in the supergraph.",
            sources,
        )
    else:
        merged.default, merged.has_default = first, True


def describe_defaults(sources: Sequence[Source[Argument]]) -> str:
    """Which subgraph has which default, as a phrase."""
    return ", ".join(f'"{s.name}" has {print_value(e.default)}' for s, e in sources)
