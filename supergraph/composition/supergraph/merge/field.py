"""Merging one field of an object type or interface, and recording who has it how."""

from collections.abc import Sequence

from supergraph.composition.schema.model import AppliedDirective, Field, TypeDefinition
from supergraph.composition.subgraph.field_usage import field_set_text
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.composition.supergraph.merge.argument import merge_arguments
from supergraph.composition.supergraph.merge.context_arguments import context_arguments
from supergraph.composition.supergraph.merge.description import merge_description
from supergraph.composition.supergraph.merge.directives import (
    MERGED_FEDERATION_DIRECTIVES,
    merge_directives,
)
from supergraph.composition.supergraph.merge.override import Overrides
from supergraph.composition.supergraph.merge.type_reference import merge_output_type
from supergraph.composition.supergraph.rules.external_mismatch import external_mismatch
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.override import OVERRIDE
from supergraph.federation.directives.provides import PROVIDES
from supergraph.federation.directives.requires import REQUIRES
from supergraph.federation.values import ConstValue

__all__ = ["merge_field"]


def merge_field(
    context: MergeContext,
    parent: TypeDefinition,
    name: str,
    sources: Sequence[Source[Field]],
    owners: Sequence[SubgraphState],
    overrides: Overrides,
) -> Field | None:
    """The merged field, or None when nobody resolves it.

    `owners` are the subgraphs that define the parent type: a field that one of them lacks needs a
    join directive even if nothing else is special about it.
    """
    coordinate = (parent.name, name)
    text = f"{parent.name}.{name}"
    resolving = [s for s in sources if coordinate not in s.state.usage.external]
    if not resolving and not _is_resolved_by_interface_object(context, parent, name):
        context.error(
            codes.EXTERNAL_MISSING_ON_BASE,
            f'"{text}" is @external in {names_of(s for s, _ in sources)} and resolved nowhere: '
            "define it without @external in the subgraph that owns it.",
            sources,
        )
        return None
    # Where only an interface object resolves the field, its external versions say what it is.
    resolving = resolving or list(sources)
    merged = Field(name)
    merge_description(context, merged, resolving, text)
    merge_directives(context, merged, resolving, text)
    _refuse_directives_on_external(context, text, sources, resolving)
    merge_arguments(context, merged, resolving, text)
    same = merge_output_type(context, merged, resolving, codes.FIELD_TYPE_MISMATCH, text)
    external = [s for s in sources if coordinate in s.state.usage.external]
    external_mismatch(context, merged, external, text)
    same = same and all(source.element.type == merged.type for source in external)
    kept = [source for source in sources if not overrides.replaces(source.state)]
    if _needs_join(coordinate, kept, owners, overrides, same):
        merged.directives += [
            _join_field(context, source, coordinate, overrides, same) for source in kept
        ]
    return merged


def _is_resolved_by_interface_object(
    context: MergeContext, parent: TypeDefinition, name: str
) -> bool:
    return any(
        name in state.schema.types[interface].fields
        and (interface, name) not in state.usage.external
        for interface in parent.interfaces
        for state in context.interface_objects.get(interface, ())
    )


def _refuse_directives_on_external(
    context: MergeContext,
    coordinate: str,
    sources: Sequence[Source[Field]],
    resolving: Sequence[Source[Field]],
) -> None:
    for source in sources:
        if source in resolving:
            continue
        for application in source.element.directives:
            if application.name in MERGED_FEDERATION_DIRECTIVES:
                short = application.name.removeprefix("federation__")
                context.error(
                    codes.MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL,
                    f'"{coordinate}" is @external in "{source.state.name}" and cannot carry '
                    f"@{short} there: apply it where the field is resolved.",
                    [source],
                )


def _needs_join(
    coordinate: tuple[str, str],
    kept: Sequence[Source[Field]],
    owners: Sequence[SubgraphState],
    overrides: Overrides,
    same_type: bool,
) -> bool:
    if not same_type or overrides.used or overrides.labels:
        return True
    having = {source.state.name for source in kept}
    if any(owner.name not in having for owner in owners):
        return True
    return any(
        coordinate in state.usage.external
        or field.has(REQUIRES.name)
        or field.has(PROVIDES.name)
        or bool(context_arguments(state, field))
        for state, field in kept
    )


def _join_field(
    context: MergeContext,
    source: Source[Field],
    coordinate: tuple[str, str],
    overrides: Overrides,
    same_type: bool,
) -> AppliedDirective:
    state, field = source
    arguments: dict[str, ConstValue] = {"graph": context.graph(state)}
    if not same_type:
        arguments["type"] = field.type
    for spec in (REQUIRES, PROVIDES):
        for application in field.applied(spec.name):
            fields = field_set_text(application.arguments.get("fields"))
            arguments[spec.short_name] = fields
    for application in field.applied(OVERRIDE.name):
        arguments["override"] = application.arguments.get("from")
    if coordinate in state.usage.external:
        arguments["external"] = True
    if state.name in overrides.used:
        arguments["usedOverridden"] = True
    if state.name in overrides.labels:
        arguments["overrideLabel"] = overrides.labels[state.name]
    from_context = context_arguments(state, field)
    if from_context:
        arguments["contextArguments"] = from_context
    return AppliedDirective("join__field", arguments)
