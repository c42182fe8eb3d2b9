"""What validation looks up in a schema, prepared per type when a document first asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    Node,
    OperationType,
    VariableDefinitionNode,
    get_named_type,
    is_input_type,
    is_leaf_type,
)
from graphql.pyutils import Undefined

__all__ = [
    "CompositeType",
    "DirectiveTable",
    "FieldTable",
    "InputPlace",
    "SchemaTables",
    "has_default",
]

_LOCATIONS: Mapping[str, type[Node] | OperationType] = {
    "QUERY": OperationType.QUERY,
    "MUTATION": OperationType.MUTATION,
    "SUBSCRIPTION": OperationType.SUBSCRIPTION,
    "FIELD": FieldNode,
    "FRAGMENT_DEFINITION": FragmentDefinitionNode,
    "FRAGMENT_SPREAD": FragmentSpreadNode,
    "INLINE_FRAGMENT": InlineFragmentNode,
    "VARIABLE_DEFINITION": VariableDefinitionNode,
}


class InputPlace:
    """Where a value may stand: an argument, a field of an input object, an item of a list.

    `reference` is the type's text, as in `[ID!]!`.
    """

    __slots__ = ("has_default", "reference", "type")

    def __init__(self, type_: GraphQLInputType, *, has_default: bool) -> None:
        self.type = type_
        self.reference = str(type_)
        self.has_default = has_default

    @property
    def is_required(self) -> bool:
        """Whether a value must be given."""
        return self.reference.endswith("!") and not self.has_default


class FieldTable:
    """A field: the places of its arguments, and what it returns.

    Fields of one response key can return the same only if their `shape` is equal: the type's text,
    with one name for all composite types. `returns` is None for a leaf.
    """

    __slots__ = ("arguments", "required", "returns", "shape")

    def __init__(
        self, arguments: Mapping[str, InputPlace], shape: str, returns: "CompositeType | None"
    ) -> None:
        self.arguments = arguments
        self.required = _required(arguments)
        self.shape = shape
        self.returns = returns


@dataclass(frozen=True, slots=True)
class DirectiveTable:
    """A directive: where it may stand and what its arguments are.

    A location is the class of the node that it is applied to, or an operation's kind.
    """

    arguments: Mapping[str, InputPlace]
    required: frozenset[str]
    locations: frozenset[type[Node] | OperationType]
    is_repeatable: bool


class CompositeType:
    """An object, interface or union type.

    Introspection starts at `__schema` and `__type`. They are missing here: how deep it may go has
    rules of its own, and it is asked for so rarely that graphql-core may check it.
    """

    def __init__(
        self,
        tables: "SchemaTables",
        type_: GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType,
    ) -> None:
        self.name = type_.name
        self.is_object = isinstance(type_, GraphQLObjectType)
        self._tables = tables
        self._type = type_

    @cached_property
    def fields(self) -> Mapping[str, FieldTable]:
        """The type's fields by name."""
        own = {} if isinstance(self._type, GraphQLUnionType) else self._type.fields
        return {
            "__typename": FieldTable({}, "String!", None),
            **{name: self._tables.field(field) for name, field in own.items()},
        }

    @cached_property
    def object_types(self) -> frozenset[str]:
        """The object types that a value can have."""
        if isinstance(self._type, GraphQLObjectType):
            return frozenset({self.name})
        possible = self._tables.schema.get_possible_types(self._type)
        return frozenset(item.name for item in possible)

    def overlaps(self, other: "CompositeType") -> bool:
        """Whether a value can be of both types."""
        return self is other or not self.object_types.isdisjoint(other.object_types)


class SchemaTables:
    """The tables of one schema. What documents ask for is kept; it is no more than the schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._composite: dict[str, CompositeType | None] = {}

    def root(self, operation: OperationType) -> CompositeType | None:
        """The root type of a kind of operation."""
        type_ = self.schema.get_root_type(operation)
        return None if type_ is None else self.composite(type_.name)

    def composite(self, name: str) -> CompositeType | None:
        """The composite type of a name, if there is one."""
        found = self._composite.get(name)
        if found is None:
            type_ = self.schema.type_map.get(name)
            if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
                found = self._composite[name] = CompositeType(self, type_)
        return found

    def input_type(self, reference: str) -> GraphQLInputType | None:
        """The input type that a text like `[ID!]!` refers to, if there is one."""
        if reference.endswith("!"):
            nullable = self.input_type(reference[:-1])
            if nullable is None or isinstance(nullable, GraphQLNonNull):
                return None
            return GraphQLNonNull(nullable)
        if reference.startswith("["):
            item = self.input_type(reference[1:-1])
            return None if item is None else GraphQLList(item)
        type_ = self.schema.type_map.get(reference)
        return type_ if is_input_type(type_) else None

    def field(self, field: GraphQLField) -> FieldTable:
        """The table of a field."""
        named = get_named_type(field.type)
        shape = str(field.type)
        if is_leaf_type(named):
            return FieldTable(_places(field.args), shape, None)
        return FieldTable(
            _places(field.args), shape.replace(named.name, "{}"), self.composite(named.name)
        )

    @cached_property
    def directives(self) -> Mapping[str, DirectiveTable]:
        """The schema's directives by name."""
        tables = {}
        for directive in self.schema.directives:
            arguments = _places(directive.args)
            locations = (_LOCATIONS.get(location.name) for location in directive.locations)
            tables[directive.name] = DirectiveTable(
                arguments,
                _required(arguments),
                frozenset(location for location in locations if location is not None),
                directive.is_repeatable,
            )
        return tables


def _places(arguments: Mapping[str, GraphQLArgument]) -> dict[str, InputPlace]:
    return {
        name: InputPlace(argument.type, has_default=has_default(argument))
        for name, argument in arguments.items()
    }


def has_default(definition: GraphQLArgument | GraphQLInputField) -> bool:
    """Whether an argument or input field has a default value."""
    return definition.default is not None or definition.default_value is not Undefined


def _required(places: Mapping[str, InputPlace]) -> frozenset[str]:
    return frozenset(name for name, place in places.items() if place.is_required)
