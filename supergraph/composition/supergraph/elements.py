"""Walking over every named element of a schema."""

from collections.abc import Iterator

from supergraph.composition.schema.model import Element, Schema

__all__ = ["elements_of", "elements_with_coordinates"]


def elements_of(schema: Schema) -> Iterator[Element]:
    """Yield every type, field, argument, input field and enum value."""
    return (element for _, element in elements_with_coordinates(schema))


def elements_with_coordinates(schema: Schema) -> Iterator[tuple[str, Element]]:
    """Yield the same with their schema coordinates (`Type.field(argument:)`), parents first."""
    for definition in schema.types.values():
        yield definition.name, definition
        for field in definition.fields.values():
            at = f"{definition.name}.{field.name}"
            yield at, field
            for argument in field.arguments.values():
                yield f"{at}({argument.name}:)", argument
        for item in definition.input_fields.values():
            yield f"{definition.name}.{item.name}", item
        for value in definition.values.values():
            yield f"{definition.name}.{value.name}", value
