"""What the directives of a subgraph say about its fields: external, shareable, provided, used.

All of it follows from the schema; it is computed once after reading and once more after a
federation 1 schema has been upgraded.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from supergraph.composition.schema.model import Field, Schema, TypeDefinition, TypeKind
from supergraph.composition.schema.type_ref import named_type
from supergraph.federation.directives.context import CONTEXT
from supergraph.federation.directives.extends import EXTENDS
from supergraph.federation.directives.external import EXTERNAL
from supergraph.federation.directives.from_context import FROM_CONTEXT, read_context
from supergraph.federation.directives.key import KEY
from supergraph.federation.directives.provides import PROVIDES
from supergraph.federation.directives.requires import REQUIRES
from supergraph.federation.directives.shareable import SHAREABLE
from supergraph.federation.field_set import FieldSetError, Selection, parse_field_set
from supergraph.federation.values import ConstValue

__all__ = ["Coordinate", "FieldUsage", "compute_field_usage", "field_set_text", "selected_fields"]

#: A type's name and a field's.
Coordinate: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class FieldUsage:
    """Sets of field coordinates.

    `external` leaves out fields that are external in name only (`fake_external`): keys of an
    extension, which its subgraph does resolve. `provided` are those some path provides.
    `used` are the fields that a key, requires, provides, context or interface needs.
    """

    external: set[Coordinate] = field(default_factory=set)
    fake_external: set[Coordinate] = field(default_factory=set)
    provided: set[Coordinate] = field(default_factory=set)
    shareable: set[Coordinate] = field(default_factory=set)
    used: set[Coordinate] = field(default_factory=set)
    key_fields: set[Coordinate] = field(default_factory=set)

    def is_fully_external(self, coordinate: Coordinate) -> bool:
        """Whether the subgraph can never resolve the field."""
        return coordinate in self.external and coordinate not in self.provided


def compute_field_usage(schema: Schema) -> FieldUsage:
    """Read every directive of the schema that says something about fields."""
    usage = FieldUsage()
    for definition in schema.of_kind(TypeKind.OBJECT, TypeKind.INTERFACE):
        _collect_keys(schema, definition, usage)
        for item in definition.fields.values():
            _collect_provides(schema, item, usage)
            _collect_requires(schema, definition, item, usage)
    for definition in schema.of_kind(TypeKind.OBJECT, TypeKind.INTERFACE):
        _collect_external(definition, usage)
        _collect_shareable(definition, usage)
    _collect_interface_fields(schema, usage)
    _collect_context_fields(schema, usage)
    return usage


def field_set_text(value: ConstValue) -> str | None:
    """The field set of a `fields` argument, or None when it is no string."""
    return value if type(value) is str else None


def selected_fields(
    schema: Schema, type_name: str, text: str | None
) -> Iterator[tuple[TypeDefinition, Field]]:
    """Yield every field a field set selects, including those of an interface's implementations.

    What the schema does not have is passed over: the rule about field sets reports it.
    """
    if text is None:
        return
    try:
        selections = parse_field_set(text)
    except FieldSetError:
        return
    yield from _select(schema, type_name, selections)


def _select(
    schema: Schema, type_name: str, selections: Iterable[Selection]
) -> Iterator[tuple[TypeDefinition, Field]]:
    parent = schema.types.get(type_name)
    if parent is None:
        return
    for selection in selections:
        if selection.field is None:
            yield from _select(schema, selection.type_condition or type_name, selection.selections)
            continue
        item = parent.fields.get(selection.field)
        if item is None:
            continue
        yield parent, item
        if parent.kind is TypeKind.INTERFACE:
            for name in schema.possible_types(parent.name):
                implementation = schema.types[name]
                if selection.field in implementation.fields:
                    yield implementation, implementation.fields[selection.field]
        if selection.selections:
            yield from _select(schema, named_type(item.type), selection.selections)


def _collect_keys(schema: Schema, definition: TypeDefinition, usage: FieldUsage) -> None:
    extends = definition.has(EXTENDS.name)
    for key in definition.applied(KEY.name):
        text = field_set_text(key.arguments.get("fields"))
        for parent, item in selected_fields(schema, definition.name, text):
            coordinate = (parent.name, item.name)
            usage.used.add(coordinate)
            usage.shareable.add(coordinate)
            usage.key_fields.add(coordinate)
            if (extends or key.part > 0) and item.has(EXTERNAL.name):
                usage.fake_external.add(coordinate)


def _collect_provides(schema: Schema, item: Field, usage: FieldUsage) -> None:
    for provides in item.applied(PROVIDES.name):
        text = field_set_text(provides.arguments.get("fields"))
        for parent, provided in selected_fields(schema, named_type(item.type), text):
            coordinate = (parent.name, provided.name)
            usage.used.add(coordinate)
            if provided.has(EXTERNAL.name) or parent.has(EXTERNAL.name):
                usage.provided.add(coordinate)
                usage.shareable.add(coordinate)


def _collect_requires(
    schema: Schema, definition: TypeDefinition, item: Field, usage: FieldUsage
) -> None:
    for requires in item.applied(REQUIRES.name):
        text = field_set_text(requires.arguments.get("fields"))
        for parent, required in selected_fields(schema, definition.name, text):
            usage.used.add((parent.name, required.name))


def _collect_external(definition: TypeDefinition, usage: FieldUsage) -> None:
    whole_type = definition.has(EXTERNAL.name)
    for name, item in definition.fields.items():
        coordinate = (definition.name, name)
        if (whole_type or item.has(EXTERNAL.name)) and coordinate not in usage.fake_external:
            usage.external.add(coordinate)


def _collect_shareable(definition: TypeDefinition, usage: FieldUsage) -> None:
    parts = {application.part for application in definition.applied(SHAREABLE.name)}
    for name, item in definition.fields.items():
        if item.part in parts or item.has(SHAREABLE.name):
            usage.shareable.add((definition.name, name))


def _collect_interface_fields(schema: Schema, usage: FieldUsage) -> None:
    for implementation in schema.of_kind(TypeKind.OBJECT):
        for name in implementation.interfaces:
            interface = schema.types.get(name)
            if interface is not None and interface.kind is TypeKind.INTERFACE:
                usage.used.update((implementation.name, field) for field in interface.fields)


def _collect_context_fields(schema: Schema, usage: FieldUsage) -> None:
    setters: dict[str, list[str]] = {}
    for definition in schema.types.values():
        for context in definition.applied(CONTEXT.name):
            setters.setdefault(str(context.arguments.get("name")), []).append(definition.name)
    if not setters:
        return
    for definition in schema.of_kind(TypeKind.OBJECT):
        for item in definition.fields.values():
            for argument in item.arguments.values():
                for reader in argument.applied(FROM_CONTEXT.name):
                    read = read_context(reader.arguments.get("field"))
                    if read is not None:
                        _collect_context_read(schema, setters.get(read[0], ()), read[1], usage)


def _collect_context_read(
    schema: Schema, setters: Iterable[str], selection: str, usage: FieldUsage
) -> None:
    for type_name in setters:
        for parent, item in selected_fields(schema, type_name, selection):
            usage.used.add((parent.name, item.name))
