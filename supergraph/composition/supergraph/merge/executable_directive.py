"""Merging executable directives, which are for clients.

One stays where every subgraph knows it, with the locations they have in common.
"""

from collections.abc import Sequence

from supergraph.composition.schema.model import (
    EXECUTABLE_LOCATIONS,
    Argument,
    DirectiveDefinition,
)
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.composition.supergraph.merge.default_value import merge_default_value
from supergraph.composition.supergraph.merge.description import merge_description
from supergraph.composition.supergraph.merge.directives import merge_directives
from supergraph.composition.supergraph.merge.type_reference import merge_input_type
from supergraph.error_codes import composition as codes
from supergraph.error_codes import hints

__all__ = ["merge_executable_directives"]


def merge_executable_directives(context: MergeContext) -> None:
    """Add to the merged schema every executable directive that all subgraphs define."""
    names = {
        name
        for state in context.subgraphs
        for name, definition in state.schema.directive_definitions.items()
        if EXECUTABLE_LOCATIONS & set(definition.locations)
    }
    for name in sorted(names - context.composed_directives.keys()):
        sources = [
            Source(state, state.schema.directive_definitions[name])
            for state in context.subgraphs
            if name in state.schema.directive_definitions
        ]
        _merge_executable(context, name, sources)


def _merge_executable(
    context: MergeContext, name: str, sources: Sequence[Source[DirectiveDefinition]]
) -> None:
    if len(sources) < len(context.subgraphs):
        having = {state.name for state, _ in sources}
        without = [state for state in context.subgraphs if state.name not in having]
        context.hint(
            hints.INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE,
            f'"@{name}" is not defined in {names_of(without)} and therefore left out of the '
            "supergraph.",
            sources,
        )
        return
    places = [set(definition.locations) & EXECUTABLE_LOCATIONS for _, definition in sources]
    common = set.intersection(*places)
    if not common:
        context.hint(
            hints.NO_EXECUTABLE_DIRECTIVE_INTERSECTION,
            f'"@{name}" has no location that all subgraphs agree on and is left out.',
            sources,
        )
        return
    if any(place != common for place in places):
        context.hint(
            hints.INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS,
            f'"@{name}" has different locations; the supergraph has those all subgraphs have.',
            sources,
        )
    repeatable = {definition.repeatable for _, definition in sources}
    if len(repeatable) > 1:
        context.hint(
            hints.INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE,
            f'"@{name}" is repeatable in some subgraphs only; it is not in the supergraph.',
            sources,
        )
    merged = DirectiveDefinition(
        name, locations=tuple(sorted(common)), repeatable=repeatable == {True}
    )
    merge_description(context, merged, sources, f"@{name}")
    _merge_arguments(context, merged, sources)
    context.schema.directive_definitions[name] = merged


def _merge_arguments(
    context: MergeContext,
    merged: DirectiveDefinition,
    sources: Sequence[Source[DirectiveDefinition]],
) -> None:
    names = dict.fromkeys(name for _, d in sources for name in d.arguments)
    for name in names:
        at = f"@{merged.name}({name}:)"
        having = [Source(s, d.arguments[name]) for s, d in sources if name in d.arguments]
        if len(having) < len(sources):
            _judge_missing(context, at, having)
            continue
        argument = Argument(name)
        merge_description(context, argument, having, at)
        merge_directives(context, argument, having, at)
        merge_input_type(context, argument, having, codes.FIELD_ARGUMENT_TYPE_MISMATCH, at)
        merge_default_value(context, argument, having, codes.FIELD_ARGUMENT_DEFAULT_MISMATCH, at)
        merged.arguments[name] = argument


def _judge_missing(context: MergeContext, at: str, having: Sequence[Source[Argument]]) -> None:
    if any(source.element.required for source in having):
        context.error(
            codes.REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH,
            f'The argument "{at}" is required in {names_of(s for s, _ in having)} but missing in '
            "other subgraphs: add it there, or make it optional.",
            having,
        )
    else:
        context.hint(
            hints.INCONSISTENT_ARGUMENT_PRESENCE,
            f'The argument "{at}" is missing in some subgraphs and left out of the supergraph.',
            having,
        )
