"""What a type-system document consists of, as immutable records.

Names, references to types and constants are plain Python values, so a document has about as many
records as it has definitions. A reference to a type is its GraphQL text (`[ID!]!`). `at` is the
number of the token an error should point at: `Document.place` makes line and column of it.
See https://spec.graphql.org/September2025/#sec-Type-System.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from supergraph.federation.values import ConstValue

__all__ = [
    "Argument",
    "Definition",
    "Directive",
    "DirectiveDefinition",
    "Document",
    "EnumValue",
    "FieldDefinition",
    "InputValue",
    "Place",
    "Reference",
    "SchemaDefinition",
    "TypeDefinition",
    "TypeKeyword",
]

TypeKeyword: TypeAlias = Literal["type", "interface", "union", "enum", "scalar", "input"]


class Place(NamedTuple):
    """A place in a document; lines and columns count from 1."""

    line: int
    column: int


class Argument(NamedTuple):
    """An argument given to a directive."""

    name: str
    value: ConstValue
    at: int


class Directive(NamedTuple):
    """A directive applied to something; `at` is its `@`."""

    name: str
    arguments: tuple[Argument, ...]
    at: int


class Reference(NamedTuple):
    """A type named in an `implements` clause, a union, or as the type of an operation."""

    name: str
    at: int


class InputValue(NamedTuple):
    """An argument's or input field's definition; `has_default` tells `= null` from no default."""

    name: str
    type: str
    default: ConstValue
    has_default: bool
    directives: tuple[Directive, ...]
    description: str | None
    at: int


class FieldDefinition(NamedTuple):
    """A field's definition."""

    name: str
    arguments: tuple[InputValue, ...]
    type: str
    directives: tuple[Directive, ...]
    description: str | None
    at: int


class EnumValue(NamedTuple):
    """An enum value's definition."""

    name: str
    directives: tuple[Directive, ...]
    description: str | None
    at: int


class TypeDefinition(NamedTuple):
    """A type's definition or extension; only the members that its kind has are filled."""

    keyword: TypeKeyword
    name: str
    is_extension: bool
    interfaces: tuple[Reference, ...]
    directives: tuple[Directive, ...]
    fields: tuple[FieldDefinition, ...]
    input_fields: tuple[InputValue, ...]
    members: tuple[Reference, ...]
    values: tuple[EnumValue, ...]
    description: str | None
    at: int


class DirectiveDefinition(NamedTuple):
    """A directive's definition."""

    name: str
    arguments: tuple[InputValue, ...]
    directives: tuple[Directive, ...]
    repeatable: bool
    locations: tuple[str, ...]
    description: str | None
    at: int


class SchemaDefinition(NamedTuple):
    """The schema's definition or an extension of it; operations come with their root types."""

    is_extension: bool
    directives: tuple[Directive, ...]
    operations: tuple[tuple[str, Reference], ...]
    description: str | None
    at: int


Definition: TypeAlias = TypeDefinition | DirectiveDefinition | SchemaDefinition


@dataclass(frozen=True, slots=True)
class Document:
    """The definitions in their order, and where the tokens they point at stand in the text."""

    definitions: tuple[Definition, ...]
    offsets: Sequence[int]
    line_starts: Sequence[int]

    def place(self, at: int) -> Place:
        """Line and column of a token."""
        offset = self.offsets[at]
        line = bisect_right(self.line_starts, offset)
        return Place(line, offset - self.line_starts[line - 1] + 1)
