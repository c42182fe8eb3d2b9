"""Interface objects need the interface elsewhere, and every implementation where it is resolved."""

from collections.abc import Iterable

from supergraph.composition.schema.model import TypeDefinition, TypeKind
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.interface_object import INTERFACE_OBJECT
from supergraph.federation.directives.key import KEY

__all__ = [
    "interface_key_missing_implementation_type",
    "interface_object_with_federation_1_interface",
    "interface_object_with_implementation",
    "interface_object_without_interface",
]


def interface_object_with_federation_1_interface(context: MergeContext) -> None:
    """In federation 1, a key on an interface promised nothing; an interface object relies on it."""
    for state in context.subgraphs:
        for definition in _interface_objects(state.schema.types.values()):
            old = [
                other
                for other in context.subgraphs
                if definition.name in other.dropped_interface_keys
            ]
            if old:
                context.error(
                    codes.INTERFACE_OBJECT_USAGE_ERROR,
                    f'"{definition.name}" is an @interfaceObject in "{state.name}", which asks '
                    f"{names_of(old)} for the concrete type by the interface's @key; federation 1 "
                    "cannot answer that: link federation v2.3 or later there.",
                    [Source(state, definition)],
                )


def interface_object_without_interface(context: MergeContext) -> None:
    """Some subgraph must define the interface for which the others have an interface object."""
    for merged in context.schema.of_kind(TypeKind.INTERFACE):
        versions = _versions(context, merged.name)
        if versions and all(v.element.has(INTERFACE_OBJECT.name) for v in versions):
            context.error(
                codes.INTERFACE_OBJECT_USAGE_ERROR,
                f'"{merged.name}" is an @interfaceObject in {names_of(s for s, _ in versions)} '
                "and an interface nowhere: define the interface with its implementations in the "
                "subgraph that knows them.",
                versions,
            )


def interface_object_with_implementation(context: MergeContext) -> None:
    """A subgraph that treats an interface as an object does not know its implementations."""
    for merged in context.schema.of_kind(TypeKind.INTERFACE):
        for state, definition in _versions(context, merged.name):
            if not definition.has(INTERFACE_OBJECT.name):
                continue
            implementations = context.schema.possible_types(merged.name)
            known = sorted(implementations & state.schema.types.keys())
            if known:
                sources = [Source(state, state.schema.types[name]) for name in known]
                context.error(
                    codes.INTERFACE_OBJECT_USAGE_ERROR,
                    f'"{merged.name}" is an @interfaceObject in "{state.name}", so that subgraph '
                    f"cannot define its implementations too: remove {', '.join(known)} there.",
                    [Source(state, definition), *sources],
                )


def interface_key_missing_implementation_type(context: MergeContext) -> None:
    """Where an interface can be looked up by key, every implementation must be known."""
    by_interface = context.schema.implementations()
    known = {state.name: state.schema.implementations() for state in context.subgraphs}
    for merged in context.schema.of_kind(TypeKind.INTERFACE):
        for state, definition in _versions(context, merged.name):
            keys = definition.applied(KEY.name)
            resolvable = [k for k in keys if k.arguments.get("resolvable", True) is not False]
            if definition.kind is not TypeKind.INTERFACE or not resolvable:
                continue
            implementations = by_interface[merged.name]
            missing = sorted(implementations - known[state.name][merged.name])
            if missing:
                context.error(
                    codes.INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE,
                    f'The interface "{merged.name}" has a resolvable @key in "{state.name}", so '
                    f"that subgraph must define all its implementations: add {', '.join(missing)} "
                    "there.",
                    [Source(state, definition)],
                )


def _interface_objects(types: Iterable[TypeDefinition]) -> list[TypeDefinition]:
    return [definition for definition in types if definition.has(INTERFACE_OBJECT.name)]


def _versions(context: MergeContext, name: str) -> list[Source[TypeDefinition]]:
    return [
        Source(state, state.schema.types[name])
        for state in context.subgraphs
        if name in state.schema.types
    ]
