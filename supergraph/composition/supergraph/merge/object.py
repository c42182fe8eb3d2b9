"""Merging object types and interfaces: every field of any subgraph."""

from collections.abc import Sequence

from supergraph.composition.schema.model import (
    ROOT_NAMES,
    AppliedDirective,
    Field,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.composition.supergraph.merge.field import merge_field
from supergraph.composition.supergraph.merge.override import judge_overrides
from supergraph.composition.supergraph.rules.invalid_field_sharing import invalid_field_sharing
from supergraph.error_codes import hints
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.directives.key import KEY

__all__ = ["merge_fields", "merge_implements"]


def merge_implements(
    context: MergeContext, merged: TypeDefinition, sources: Sequence[Source[TypeDefinition]]
) -> None:
    """Record which subgraph makes the type implement which interface."""
    for state, definition in sources:
        for interface in definition.interfaces:
            if interface not in merged.interfaces:
                merged.interfaces.append(interface)
            arguments = {"graph": context.graph(state), "interface": interface}
            merged.directives.append(AppliedDirective("join__implements", {**arguments}))


def merge_fields(
    context: MergeContext, merged: TypeDefinition, sources: Sequence[Source[TypeDefinition]]
) -> None:
    """Fill the fields of an object type or interface."""
    is_object = merged.kind is TypeKind.OBJECT
    owners = [state for state, _ in sources]
    for name in dict.fromkeys(name for _, d in sources for name in d.fields):
        having = [Source(s, d.fields[name]) for s, d in sources if name in d.fields]
        overrides = judge_overrides(context, merged.name, name, having)
        if is_object:
            invalid_field_sharing(context, merged.name, name, having, overrides)
        field = merge_field(context, merged, name, having, owners, overrides)
        if field is not None:
            merged.fields[name] = field
    if is_object:
        _hint_on_objects(context, merged, sources)
    elif not any(source.element.has(KEY.name) for source in sources):
        _hint_on_missing(context, merged, sources, hints.INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD)


def _hint_on_objects(
    context: MergeContext, merged: TypeDefinition, sources: Sequence[Source[TypeDefinition]]
) -> None:
    if merged.name in ROOT_NAMES.values():
        return
    keyed = [source for source in sources if source.element.has(KEY.name)]
    if not keyed:
        _hint_on_missing(context, merged, sources, hints.INCONSISTENT_OBJECT_VALUE_TYPE_FIELD)
    elif len(keyed) < len(sources):
        without = [state for state, d in sources if not d.has(KEY.name)]
        context.hint(
            hints.INCONSISTENT_ENTITY,
            f'"{merged.name}" has a @key in {names_of(s for s, _ in keyed)} but none in '
            f"{names_of(without)}.",
            sources,
        )


def _hint_on_missing(
    context: MergeContext,
    merged: TypeDefinition,
    sources: Sequence[Source[TypeDefinition]],
    definition: ErrorCode,
) -> None:
    # A subgraph whose fields are all external defines the type for others' sake only.
    resolving = [
        (state, d)
        for state, d in sources
        if any((d.name, field) not in state.usage.external for field in d.fields)
    ]
    for name in merged.fields:
        without = [state for state, d in resolving if name not in d.fields]
        if without:
            having: list[Source[Field]] = [
                Source(s, d.fields[name]) for s, d in sources if name in d.fields
            ]
            context.hint(
                definition,
                f'The field "{merged.name}.{name}" is missing in {names_of(without)}.',
                having,
            )
