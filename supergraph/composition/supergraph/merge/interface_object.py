"""`@interfaceObject`: fields a subgraph adds to an interface reach every implementation.

The subgraph does not know the implementations, so the merged ones get the field with an empty
`@join__field`: it exists, and is reached through the interface object.
"""

from supergraph.composition.schema.model import AppliedDirective, Field, TypeDefinition, TypeKind
from supergraph.composition.supergraph.context import MergeContext
from supergraph.federation.directives.interface_object import INTERFACE_OBJECT

__all__ = ["add_interface_object_fields"]


def add_interface_object_fields(context: MergeContext) -> None:
    """Copy fields of interface objects to the implementations that lack them."""
    for interface in list(context.schema.of_kind(TypeKind.INTERFACE)):
        added = _fields_of_interface_objects(context, interface)
        if not added:
            continue
        for definition in context.schema.of_kind(TypeKind.OBJECT):
            if interface.name not in definition.interfaces:
                continue
            for field in added:
                if field.name not in definition.fields:
                    definition.fields[field.name] = _copy(field)


def _fields_of_interface_objects(context: MergeContext, interface: TypeDefinition) -> list[Field]:
    names: dict[str, None] = {}
    for state in context.subgraphs:
        definition = state.schema.types.get(interface.name)
        if definition is not None and definition.has(INTERFACE_OBJECT.name):
            names.update(dict.fromkeys(definition.fields))
    return [interface.fields[name] for name in names if name in interface.fields]


def _copy(field: Field) -> Field:
    kept = [d for d in field.directives if not d.name.startswith("join__")]
    return Field(
        field.name,
        field.description,
        [*kept, AppliedDirective("join__field")],
        type=field.type,
        arguments=dict(field.arguments),
    )
