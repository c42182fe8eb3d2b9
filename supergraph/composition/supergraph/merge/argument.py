"""Merging the arguments of a field: those that every subgraph resolving it knows."""

from collections.abc import Sequence

from supergraph.composition.schema.model import Argument, Field
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.composition.supergraph.merge.default_value import merge_default_value
from supergraph.composition.supergraph.merge.description import merge_description
from supergraph.composition.supergraph.merge.directives import merge_directives
from supergraph.composition.supergraph.merge.type_reference import merge_input_type
from supergraph.error_codes import composition as codes
from supergraph.error_codes import hints
from supergraph.federation.directives.from_context import FROM_CONTEXT

__all__ = ["merge_arguments"]


def merge_arguments(
    context: MergeContext, merged: Field, sources: Sequence[Source[Field]], coordinate: str
) -> None:
    """Fill `merged.arguments` from the sources that resolve the field."""
    names = dict.fromkeys(name for _, field in sources for name in field.arguments)
    for name in names:
        at = f"{coordinate}({name}:)"
        arguments = [
            Source(state, field.arguments[name])
            for state, field in sources
            if name in field.arguments
        ]
        contextual = [s for s in arguments if s.element.has(FROM_CONTEXT.name)]
        if contextual:
            _judge_contextual(context, at, arguments, contextual)
        elif len(arguments) < len(sources):
            _judge_missing(context, at, sources, arguments)
        else:
            merged.arguments[name] = _merge_argument(context, name, at, arguments)


def _judge_contextual(
    context: MergeContext,
    at: str,
    arguments: Sequence[Source[Argument]],
    contextual: Sequence[Source[Argument]],
) -> None:
    """Report an argument that clients would have to give in one subgraph and cannot in another."""
    others = [source for source in arguments if source not in contextual]
    if not others:
        return
    if any(source.element.required for source in others):
        context.error(
            codes.CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS,
            f'"{at}" is read from a context in {names_of(s for s, _ in contextual)} but required '
            f"from clients in {names_of(s for s, _ in others)}: make it optional there, or read "
            "it from the context there too.",
            arguments,
        )
    else:
        context.hint(
            hints.CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS,
            f'"{at}" is read from a context in {names_of(s for s, _ in contextual)} and left out '
            "of the supergraph.",
            arguments,
        )


def _judge_missing(
    context: MergeContext,
    at: str,
    sources: Sequence[Source[Field]],
    arguments: Sequence[Source[Argument]],
) -> None:
    having = {state.name for state, _ in arguments}
    without = [state for state, _ in sources if state.name not in having]
    required = [source for source in arguments if source.element.required]
    if required:
        context.error(
            codes.REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH,
            f'The argument "{at}" is required in {names_of(s for s, _ in required)} but missing '
            f"in {names_of(without)}: add it there, or make it optional.",
            arguments,
        )
    else:
        context.hint(
            hints.INCONSISTENT_ARGUMENT_PRESENCE,
            f'The optional argument "{at}" is missing in {names_of(without)} and therefore left '
            "out of the supergraph.",
            arguments,
        )


def _merge_argument(
    context: MergeContext, name: str, at: str, sources: Sequence[Source[Argument]]
) -> Argument:
    merged = Argument(name)
    merge_description(context, merged, sources, at)
    merge_directives(context, merged, sources, at)
    merge_input_type(context, merged, sources, codes.FIELD_ARGUMENT_TYPE_MISMATCH, at)
    merge_default_value(context, merged, sources, codes.FIELD_ARGUMENT_DEFAULT_MISMATCH, at)
    return merged
