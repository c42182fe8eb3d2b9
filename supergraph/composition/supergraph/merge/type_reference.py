"""Merging the type of a field or argument.

An output may be anything that all subgraphs' types are subtypes of, so the widest is taken; what
a client sends must suit all subgraphs, so for an input the narrowest is taken.
"""

from collections.abc import Sequence
from typing import TypeVar

from supergraph.composition.schema.model import Argument, Field
from supergraph.composition.schema.type_ref import is_subtype_ref, named_type
from supergraph.composition.supergraph.context import MergeContext, Source
from supergraph.error_codes import hints
from supergraph.error_codes.registry import ErrorCode

TypedT = TypeVar("TypedT", Field, Argument)

__all__ = ["describe_types", "merge_input_type", "merge_output_type"]


def merge_output_type(
    context: MergeContext,
    merged: Field,
    sources: Sequence[Source[Field]],
    mismatch: ErrorCode,
    coordinate: str,
) -> bool:
    """Set the type; true when it is the same everywhere."""
    refs = [source.element.type for source in sources]
    if _all_same(refs):
        merged.type = refs[0]
        return True
    widest, compatible = refs[0], True
    for ref in refs[1:]:
        if is_subtype_ref(widest, ref, context.is_named_subtype):
            widest = ref
        elif not is_subtype_ref(ref, widest, context.is_named_subtype):
            compatible = False
    merged.type = widest
    if compatible:
        context.hint(
            hints.INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE,
            f'"{coordinate}" is of type "{widest}" in the supergraph and of a narrower type in '
            f"some subgraphs: {describe_types(sources)}.",
            sources,
        )
    else:
        _mismatch(context, mismatch, coordinate, sources)
    return False


def merge_input_type(
    context: MergeContext,
    merged: Argument,
    sources: Sequence[Source[Argument]],
    mismatch: ErrorCode,
    coordinate: str,
    hint: ErrorCode = hints.INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE,
) -> bool:
    """Set the type; true when it is the same everywhere."""
    refs = [source.element.type for source in sources]
    if _all_same(refs):
        merged.type = refs[0]
        return True
    narrowest, compatible = refs[0], True
    for ref in refs[1:]:
        if is_subtype_ref(ref, narrowest, context.is_named_subtype):
            narrowest = ref
        elif not is_subtype_ref(narrowest, ref, context.is_named_subtype):
            compatible = False
    merged.type = narrowest
    if compatible:
        context.hint(
            hint,
            f'"{coordinate}" is of type "{narrowest}" in the supergraph and of a wider type in '
            f"some subgraphs: {describe_types(sources)}.",
            sources,
        )
    else:
        _mismatch(context, mismatch, coordinate, sources)
    return False


def describe_types(sources: Sequence[Source[TypedT]]) -> str:
    """Which subgraph has which type, as a phrase."""
    return ", ".join(f'"{state.name}" has "{element.type}"' for state, element in sources)


def _mismatch(
    context: MergeContext,
    definition: ErrorCode,
    coordinate: str,
    sources: Sequence[Source[TypedT]],
) -> None:
    names = {named_type(source.element.type) for source in sources}
    advice = (
        "give it the same type in all of them"
        if len(names) > 1
        else "let the lists and exclamation marks agree"
    )
    context.error(
        definition,
        f'The types of "{coordinate}" cannot be reconciled: {describe_types(sources)}; {advice}.',
        sources,
    )


def _all_same(refs: Sequence[str]) -> bool:
    return all(ref == refs[0] for ref in refs)
