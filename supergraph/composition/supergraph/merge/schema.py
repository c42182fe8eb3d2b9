"""Merging whole schemas, one kind of type after the other.

The order matters: unions and implemented interfaces come before fields, because whether two types
of a field are compatible depends on them; enums come last, because how they are merged depends on
where they are used.
"""

from collections.abc import Sequence

from supergraph.composition.schema.model import (
    BUILT_IN_SCALARS,
    ROOT_NAMES,
    AppliedDirective,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.subgraph.field_usage import field_set_text
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.composition.supergraph.merge.authorisation import propagate_authorisation
from supergraph.composition.supergraph.merge.description import merge_description
from supergraph.composition.supergraph.merge.directives import merge_directives
from supergraph.composition.supergraph.merge.enum import enum_uses, merge_enum
from supergraph.composition.supergraph.merge.input import merge_input
from supergraph.composition.supergraph.merge.interface_object import add_interface_object_fields
from supergraph.composition.supergraph.merge.object import merge_fields, merge_implements
from supergraph.composition.supergraph.merge.union import merge_union
from supergraph.composition.supergraph.rules.extension_with_no_base import extension_with_no_base
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.interface_object import INTERFACE_OBJECT
from supergraph.federation.directives.key import KEY
from supergraph.federation.values import ConstValue

__all__ = ["TypeSources", "merge_types"]

#: The versions of every type, by name.
TypeSources = dict[str, list[Source[TypeDefinition]]]


def merge_types(context: MergeContext) -> None:
    """Merge all types and the root operations of the subgraphs into `context.schema`."""
    sources = _collect(context)
    for name, versions in sources.items():
        _start(context, name, versions)
    extension_with_no_base(context)
    types = context.schema.types
    composite = [t for t in types.values() if t.kind in {TypeKind.OBJECT, TypeKind.INTERFACE}]
    for merged in composite:
        merge_implements(context, merged, sources[merged.name])
    for merged in context.schema.of_kind(TypeKind.UNION):
        merge_union(context, merged, sources[merged.name])
    for merged in composite:
        merge_fields(context, merged, sources[merged.name])
    for merged in context.schema.of_kind(TypeKind.INPUT):
        merge_input(context, merged, sources[merged.name])
    use = enum_uses(context.schema)
    for merged in context.schema.of_kind(TypeKind.ENUM):
        merge_enum(context, merged, sources[merged.name], use)
    add_interface_object_fields(context)
    propagate_authorisation(context)
    for operation, name in ROOT_NAMES.items():
        if name in types and any(operation in state.schema.roots for state in context.subgraphs):
            context.schema.roots[operation] = name


def _collect(context: MergeContext) -> TypeSources:
    sources: TypeSources = {}
    for state in context.subgraphs:
        for definition in state.schema.types.values():
            if definition.name not in BUILT_IN_SCALARS:
                sources.setdefault(definition.name, []).append(Source(state, definition))
    return dict(sorted(sources.items()))


def _start(context: MergeContext, name: str, versions: Sequence[Source[TypeDefinition]]) -> None:
    """Create the merged type with its description, directives and join__type; no members yet."""
    kind = _kind(context, name, versions)
    if kind is None:
        return
    merged = TypeDefinition(name, kind=kind)
    merge_description(context, merged, versions, name)
    merge_directives(context, merged, versions, name)
    for source in versions:
        merged.directives += _join_types(context, source)
    context.schema.types[name] = merged


def _kind(
    context: MergeContext, name: str, versions: Sequence[Source[TypeDefinition]]
) -> TypeKind | None:
    """The kind of the merged type; an interface object counts as the interface it stands for."""
    kinds: dict[TypeKind, list[Source[TypeDefinition]]] = {}
    for source in versions:
        definition = source.element
        is_interface = definition.has(INTERFACE_OBJECT.name)
        kind = TypeKind.INTERFACE if is_interface else definition.kind
        kinds.setdefault(kind, []).append(source)
    if len(kinds) == 1:
        return next(iter(kinds))
    described = " and ".join(
        f"{kind.value} in {names_of(state for state, _ in found)}" for kind, found in kinds.items()
    )
    context.error(
        codes.TYPE_KIND_MISMATCH,
        f'The type "{name}" is {described}: rename it where it means something else.',
        versions,
    )
    return None


def _join_types(context: MergeContext, source: Source[TypeDefinition]) -> list[AppliedDirective]:
    state, definition = source
    base: dict[str, ConstValue] = {"graph": context.graph(state)}
    interface_object: dict[str, ConstValue] = (
        {"isInterfaceObject": True} if definition.has(INTERFACE_OBJECT.name) else {}
    )
    keys = definition.applied(KEY.name)
    if not keys:
        return [AppliedDirective("join__type", {**base, **interface_object})]
    joined = []
    for key in keys:
        arguments = {**base, "key": field_set_text(key.arguments.get("fields"))}
        if key.part > 0 or definition.has("federation__extends"):
            arguments["extension"] = True
        if key.arguments.get("resolvable") is False:
            arguments["resolvable"] = False
        joined.append(AppliedDirective("join__type", {**arguments, **interface_object}))
    return joined
