"""In the supergraph, a type must have every field of its interfaces.

Each subgraph is right by itself; the field may come from another subgraph's version of the
interface, which the type does not know.
"""

from supergraph.composition.schema.model import Element, TypeKind
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.error_codes import composition as codes

__all__ = ["interface_field_no_implem"]


def interface_field_no_implem(context: MergeContext) -> None:
    """Report every implementation that lacks a field of its merged interface."""
    types = context.schema.types
    for definition in context.schema.of_kind(TypeKind.OBJECT, TypeKind.INTERFACE):
        for name in definition.interfaces:
            interface = types.get(name)
            if interface is None:
                continue
            for field in interface.fields:
                if field not in definition.fields:
                    _report(context, definition.name, name, field)


def _report(context: MergeContext, type_name: str, interface: str, field: str) -> None:
    having: list[Source[Element]] = []
    lacking: list[Source[Element]] = []
    for state in context.subgraphs:
        declared = state.schema.types.get(interface)
        if declared is not None and field in declared.fields:
            having.append(Source(state, declared.fields[field]))
        implementation = state.schema.types.get(type_name)
        if implementation is not None and interface in implementation.interfaces:
            lacking.append(Source(state, implementation))
    context.error(
        codes.INTERFACE_FIELD_NO_IMPLEM,
        f'"{interface}.{field}" is declared in {names_of(s for s, _ in having)}, but "{type_name}" '
        f'implements "{interface}" in {names_of(s for s, _ in lacking)} without it: add the field '
        f'to "{type_name}" in a subgraph that can resolve it.',
        [*having, *lacking],
    )
