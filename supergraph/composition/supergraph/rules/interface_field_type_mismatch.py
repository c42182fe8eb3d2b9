"""In the supergraph, a field's type must fit what the type's interfaces promise.

Merging may have widened it, by another subgraph that does not know the interface.
"""

from collections.abc import Iterator

from supergraph.composition.schema.model import Element, TypeKind
from supergraph.composition.schema.type_ref import is_subtype_ref
from supergraph.composition.supergraph.context import MergeContext, Source
from supergraph.error_codes import composition as codes

__all__ = ["interface_field_type_mismatch"]


def interface_field_type_mismatch(context: MergeContext) -> None:
    """Report every merged field whose type is no subtype of its interface's."""
    for definition in context.schema.of_kind(TypeKind.OBJECT, TypeKind.INTERFACE):
        for name in definition.interfaces:
            interface = context.schema.types.get(name)
            for promised in interface.fields.values() if interface is not None else ():
                field = definition.fields.get(promised.name)
                if field is None or is_subtype_ref(
                    field.type, promised.type, context.is_named_subtype
                ):
                    continue
                context.error(
                    codes.INVALID_GRAPHQL,
                    f'"{definition.name}.{field.name}" is of type "{field.type}" in the '
                    f'supergraph, but "{name}" promises "{promised.type}": make the type agree in '
                    "all subgraphs.",
                    list(_versions(context, definition.name, field.name)),
                )


def _versions(context: MergeContext, type_name: str, name: str) -> Iterator[Source[Element]]:
    for state in context.subgraphs:
        definition = state.schema.types.get(type_name)
        if definition is not None and name in definition.fields:
            yield Source(state, definition.fields[name])
