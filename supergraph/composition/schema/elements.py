"""Walking over every named element of a schema."""

from collections.abc import Iterator
from typing import NamedTuple

from supergraph.composition.schema.model import Element, Schema, TypeKind

__all__ = ["LocatedElement", "elements_of", "elements_with_coordinates", "located_elements"]

_LOCATIONS = {
    TypeKind.OBJECT: "OBJECT",
    TypeKind.INTERFACE: "INTERFACE",
    TypeKind.UNION: "UNION",
    TypeKind.ENUM: "ENUM",
    TypeKind.SCALAR: "SCALAR",
    TypeKind.INPUT: "INPUT_OBJECT",
}


class LocatedElement(NamedTuple):
    """An element, its schema coordinate and its directive location."""

    coordinate: str
    element: Element
    location: str


def elements_of(schema: Schema) -> Iterator[Element]:
    """Yield every type, field, argument, input field and enum value."""
    return (located.element for located in located_elements(schema))


def elements_with_coordinates(schema: Schema) -> Iterator[tuple[str, Element]]:
    """Yield the same with their schema coordinates (`Type.field(argument:)`), parents first."""
    return ((located.coordinate, located.element) for located in located_elements(schema))


def located_elements(schema: Schema) -> Iterator[LocatedElement]:
    """Yield the same with what a directive on them would have to allow."""
    for definition in schema.types.values():
        yield LocatedElement(definition.name, definition, _LOCATIONS[definition.kind])
        for field in definition.fields.values():
            at = f"{definition.name}.{field.name}"
            yield LocatedElement(at, field, "FIELD_DEFINITION")
            for argument in field.arguments.values():
                coordinate = f"{at}({argument.name}:)"
                yield LocatedElement(coordinate, argument, "ARGUMENT_DEFINITION")
        for item in definition.input_fields.values():
            coordinate = f"{definition.name}.{item.name}"
            yield LocatedElement(coordinate, item, "INPUT_FIELD_DEFINITION")
        for value in definition.values.values():
            yield LocatedElement(f"{definition.name}.{value.name}", value, "ENUM_VALUE")
