"""A GraphQL schema as composition works on it: small mutable records, types referred to by name.

A reference to a type is its GraphQL text (`[ID!]!`); see `type_ref` for what can be asked of it.
Subgraph schemas and the merged schema are made of the same records.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from supergraph.federation.sdl.nodes import Place
from supergraph.federation.values import ConstValue

__all__ = [
    "BUILT_IN_SCALARS",
    "EXECUTABLE_LOCATIONS",
    "ROOT_NAMES",
    "AppliedDirective",
    "Argument",
    "DirectiveDefinition",
    "Element",
    "EnumValueDefinition",
    "Field",
    "InputField",
    "Position",
    "Schema",
    "TypeDefinition",
    "TypeKind",
]

BUILT_IN_SCALARS = frozenset({"Boolean", "Float", "ID", "Int", "String"})

#: Where a directive stands in a client's document; everywhere else it stands in a schema.
EXECUTABLE_LOCATIONS = frozenset(
    {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)

#: The name a root type has in every supergraph, by operation.
ROOT_NAMES = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


#: A place in one document.
Position: TypeAlias = Place


class TypeKind(Enum):
    """The six kinds of types, named as people speak of them."""

    OBJECT = "object type"
    INTERFACE = "interface"
    UNION = "union"
    ENUM = "enum"
    SCALAR = "scalar"
    INPUT = "input type"


@dataclass(slots=True)
class AppliedDirective:
    """An application of a directive.

    `part` says on which part of a type it stands: 0 is the definition, n its n-th extension.
    """

    name: str
    arguments: dict[str, ConstValue] = field(default_factory=dict)
    position: Position | None = None
    part: int = 0


@dataclass(slots=True)
class Element:
    """What every named part of a schema has."""

    name: str
    description: str | None = None
    directives: list[AppliedDirective] = field(default_factory=list)
    position: Position | None = None

    def applied(self, directive: str) -> list[AppliedDirective]:
        """The applications of one directive, in document order."""
        return [application for application in self.directives if application.name == directive]

    def has(self, directive: str) -> bool:
        """Whether the directive is applied at all."""
        return any(application.name == directive for application in self.directives)


@dataclass(slots=True)
class Argument(Element):
    """An argument of a field or directive. `has_default` tells `= null` from no default."""

    type: str = ""
    default: ConstValue = None
    has_default: bool = False

    @property
    def required(self) -> bool:
        """Whether a caller must give it."""
        return self.type.endswith("!") and not self.has_default


#: A field of an input type has exactly what an argument has.
InputField: TypeAlias = Argument


@dataclass(slots=True)
class Field(Element):
    """A field of an object type or interface; `part` as for `AppliedDirective`."""

    type: str = ""
    arguments: dict[str, Argument] = field(default_factory=dict)
    part: int = 0


@dataclass(slots=True)
class EnumValueDefinition(Element):
    """A value of an enum."""


@dataclass(slots=True)
class TypeDefinition(Element):
    """A type of any kind; only the members that its kind has are filled.

    `extensions` counts the extensions; `is_defined` is false when there is nothing else.
    """

    kind: TypeKind = TypeKind.OBJECT
    interfaces: list[str] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    input_fields: dict[str, InputField] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    values: dict[str, EnumValueDefinition] = field(default_factory=dict)
    is_defined: bool = True
    extensions: int = 0

    @property
    def is_composite(self) -> bool:
        """Whether a selection can be made on it."""
        return self.kind in {TypeKind.OBJECT, TypeKind.INTERFACE, TypeKind.UNION}


@dataclass(slots=True)
class DirectiveDefinition(Element):
    """The definition of a directive."""

    arguments: dict[str, Argument] = field(default_factory=dict)
    locations: tuple[str, ...] = ()
    repeatable: bool = False


@dataclass(slots=True)
class Schema:
    """Types and directives by name; `roots` maps operations to type names."""

    types: dict[str, TypeDefinition] = field(default_factory=dict)
    directive_definitions: dict[str, DirectiveDefinition] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    directives: list[AppliedDirective] = field(default_factory=list)
    description: str | None = None

    def of_kind(self, *kinds: TypeKind) -> Iterator[TypeDefinition]:
        """The types of the given kinds, in order."""
        return (definition for definition in self.types.values() if definition.kind in kinds)

    def implementations(self) -> dict[str, set[str]]:
        """The object types that implement each interface, by its name; one walk for all of them."""
        found: dict[str, set[str]] = {i.name: set() for i in self.of_kind(TypeKind.INTERFACE)}
        for definition in self.of_kind(TypeKind.OBJECT):
            for name in definition.interfaces:
                found.setdefault(name, set()).add(definition.name)
        return found

    def possible_types(self, name: str) -> set[str]:
        """The object types that a value of type `name` can have; empty for a leaf."""
        definition = self.types.get(name)
        if definition is None:
            return set()
        if definition.kind is TypeKind.OBJECT:
            return {name}
        if definition.kind is TypeKind.UNION:
            return set(definition.members)
        if definition.kind is TypeKind.INTERFACE:
            return {
                other.name for other in self.of_kind(TypeKind.OBJECT) if name in other.interfaces
            }
        return set()

    def is_subtype(self, name: str, of: str) -> bool:
        """Whether named type `name` is a member or an implementation of `of`."""
        sub, parent = self.types.get(name), self.types.get(of)
        if sub is None or parent is None:
            return False
        return name in parent.members or of in sub.interfaces
