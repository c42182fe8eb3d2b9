"""Merging input types: the fields that every subgraph knows."""

from collections.abc import Sequence

from supergraph.composition.schema.model import AppliedDirective, InputField, TypeDefinition
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.composition.supergraph.merge.default_value import merge_default_value
from supergraph.composition.supergraph.merge.description import merge_description
from supergraph.composition.supergraph.merge.directives import merge_directives
from supergraph.composition.supergraph.merge.type_reference import merge_input_type
from supergraph.error_codes import composition as codes
from supergraph.error_codes import hints

__all__ = ["merge_input"]


def merge_input(
    context: MergeContext, merged: TypeDefinition, sources: Sequence[Source[TypeDefinition]]
) -> None:
    """Fill the fields; one that a subgraph lacks is dropped, unless another requires it."""
    names = dict.fromkeys(name for _, d in sources for name in d.input_fields)
    for name in names:
        having = [Source(s, d.input_fields[name]) for s, d in sources if name in d.input_fields]
        if len(having) < len(sources):
            _judge_missing(context, f"{merged.name}.{name}", sources, having)
        else:
            merged.input_fields[name] = _merge_field(context, merged.name, name, having)
    if not merged.input_fields:
        context.error(
            codes.EMPTY_MERGED_INPUT_TYPE,
            f'The input type "{merged.name}" has no field that all of '
            f"{names_of(state for state, _ in sources)} know: give them one in common.",
            sources,
        )


def _judge_missing(
    context: MergeContext,
    coordinate: str,
    sources: Sequence[Source[TypeDefinition]],
    having: Sequence[Source[InputField]],
) -> None:
    names = {state.name for state, _ in having}
    without = [state for state, _ in sources if state.name not in names]
    required = [source for source in having if source.element.required]
    if required:
        context.error(
            codes.REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH,
            f'The input field "{coordinate}" is required in {names_of(s for s, _ in required)} '
            f"but missing in {names_of(without)}: add it there, or make it optional.",
            having,
        )
    else:
        context.hint(
            hints.INCONSISTENT_INPUT_OBJECT_FIELD,
            f'The input field "{coordinate}" is missing in {names_of(without)} and therefore left '
            "out of the supergraph.",
            having,
        )


def _merge_field(
    context: MergeContext, type_name: str, name: str, sources: Sequence[Source[InputField]]
) -> InputField:
    coordinate = f"{type_name}.{name}"
    merged = InputField(name)
    merge_description(context, merged, sources, coordinate)
    merge_directives(context, merged, sources, coordinate)
    same = merge_input_type(
        context,
        merged,
        sources,
        codes.FIELD_TYPE_MISMATCH,
        coordinate,
        hint=hints.INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE,
    )
    merge_default_value(context, merged, sources, codes.INPUT_FIELD_DEFAULT_MISMATCH, coordinate)
    if not same:
        for state, field in sources:
            merged.directives.append(
                AppliedDirective("join__field", {"graph": context.graph(state), "type": field.type})
            )
    return merged
