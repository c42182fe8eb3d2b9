"""From a type-system document to graphql-core's `GraphQLSchema`.

The same schema as graphql-core builds from its own nodes, without making those first. The document
is taken as valid and without extensions: a supergraph has none.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLDefaultInput,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
    introspection_types,
    specified_directives,
    specified_scalar_types,
)
from graphql.type import DEFAULT_DEPRECATION_REASON

from supergraph.federation.sdl.nodes import (
    Directive,
    DirectiveDefinition,
    Document,
    EnumValue,
    FieldDefinition,
    InputValue,
    Reference,
    SchemaDefinition,
    TypeDefinition,
)
from supergraph.federation.values import ConstValue, node_from_value

__all__ = ["build_schema"]

_DEFAULT_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


def build_schema(document: Document) -> GraphQLSchema:
    """The executable schema; raises TypeError when a type is referred to that does not exist."""
    return _Builder(document).schema()


class _Builder:
    """Types refer to each other, so members are built only once all types are there."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._own: dict[str, GraphQLNamedType] = {}
        self._known: dict[str, GraphQLNamedType] = {**specified_scalar_types, **introspection_types}
        #: Wrapped types by reference; thousands of fields share a few hundred.
        self._by_ref: dict[str, GraphQLType] = {}

    def schema(self) -> GraphQLSchema:
        schema_node: SchemaDefinition | None = None
        directives: list[GraphQLDirective] = []
        for node in self._document.definitions:
            match node:
                case TypeDefinition():
                    self._own[node.name] = self._known.get(node.name) or self._type(node)
                case SchemaDefinition():
                    schema_node = node
                case DirectiveDefinition():
                    pass
        self._known |= self._own
        directives = [
            self._directive(node)
            for node in self._document.definitions
            if isinstance(node, DirectiveDefinition)
        ]
        defined = {directive.name for directive in directives}
        directives += [item for item in specified_directives if item.name not in defined]
        roots = self._roots(schema_node)
        return GraphQLSchema(
            query=roots.get("query"),
            mutation=roots.get("mutation"),
            subscription=roots.get("subscription"),
            types=tuple(self._own.values()),
            directives=directives,
            description=None if schema_node is None else schema_node.description,
            assume_valid=True,
        )

    def _roots(self, node: SchemaDefinition | None) -> Mapping[str, GraphQLObjectType]:
        if node is not None:
            names = {operation: reference.name for operation, reference in node.operations}
        else:
            names = {kind: name for kind, name in _DEFAULT_ROOTS.items() if name in self._own}
        return {operation: self._named(name) for operation, name in names.items()}  # type: ignore[misc] # valid documents have object types here

    # --- types --------------------------------------------------------------------------------
    def _type(self, node: TypeDefinition) -> GraphQLNamedType:
        match node.keyword:
            case "type":
                return GraphQLObjectType(
                    node.name,
                    description=node.description,
                    interfaces=lambda: self._interfaces(node.interfaces),
                    fields=lambda: self._fields(node.fields),
                )
            case "interface":
                return GraphQLInterfaceType(
                    node.name,
                    description=node.description,
                    interfaces=lambda: self._interfaces(node.interfaces),
                    fields=lambda: self._fields(node.fields),
                )
            case "union":
                return GraphQLUnionType(
                    node.name,
                    description=node.description,
                    types=lambda: [self._named(item.name) for item in node.members],  # type: ignore[misc] # as above
                )
            case "enum":
                values = {value.name: _enum_value(value) for value in node.values}
                return GraphQLEnumType(node.name, description=node.description, values=values)
            case "input":
                return GraphQLInputObjectType(
                    node.name,
                    description=node.description,
                    fields=lambda: {f.name: self._input_field(f) for f in node.input_fields},
                    is_one_of=_applied(node.directives, "oneOf") is not None,
                )
            case "scalar":
                url = (_applied(node.directives, "specifiedBy") or {}).get("url")
                return GraphQLScalarType(
                    node.name,
                    description=node.description,
                    specified_by_url=url if isinstance(url, str) else None,
                )

    def _interfaces(self, references: Iterable[Reference]) -> list[GraphQLInterfaceType]:
        return [self._named(item.name) for item in references]  # type: ignore[misc] # as above

    def _fields(self, nodes: Iterable[FieldDefinition]) -> dict[str, GraphQLField]:
        return {
            node.name: GraphQLField(
                self._by_reference(node.type),
                args={argument.name: self._argument(argument) for argument in node.arguments},
                description=node.description,
                deprecation_reason=_deprecation(node.directives),
            )
            for node in nodes
        }

    def _argument(self, node: InputValue) -> GraphQLArgument:
        return GraphQLArgument(
            self._by_reference(node.type),
            default=_default(node),
            description=node.description,
            deprecation_reason=_deprecation(node.directives),
        )

    def _input_field(self, node: InputValue) -> GraphQLInputField:
        return GraphQLInputField(
            self._by_reference(node.type),
            default=_default(node),
            description=node.description,
            deprecation_reason=_deprecation(node.directives),
        )

    def _directive(self, node: DirectiveDefinition) -> GraphQLDirective:
        return GraphQLDirective(
            node.name,
            locations=[DirectiveLocation[name] for name in node.locations],
            args={argument.name: self._argument(argument) for argument in node.arguments},
            is_repeatable=node.repeatable,
            description=node.description,
            deprecation_reason=_deprecation(node.directives),
        )

    # --- references to types --------------------------------------------------------------------
    def _named(self, name: str) -> GraphQLNamedType:
        if name not in self._known:
            raise TypeError(f"Unknown type: '{name}'.")
        return self._known[name]

    def _by_reference(self, ref: str) -> Any:
        """Any, because only a valid document says whether it is an input or an output type."""
        found = self._by_ref.get(ref)
        if found is None:
            found = self._by_ref[ref] = self._wrapped(ref)
        return found

    def _wrapped(self, ref: str) -> GraphQLType:
        if ref.endswith("!"):
            return GraphQLNonNull(self._by_reference(ref[:-1]))
        if ref.startswith("["):
            return GraphQLList(self._by_reference(ref[1:-1]))
        return self._named(ref)


def _enum_value(node: EnumValue) -> GraphQLEnumValue:
    return GraphQLEnumValue(
        node.name, description=node.description, deprecation_reason=_deprecation(node.directives)
    )


def _default(node: InputValue) -> GraphQLDefaultInput | None:
    return GraphQLDefaultInput(literal=node_from_value(node.default)) if node.has_default else None


def _deprecation(directives: Iterable[Directive]) -> str | None:
    arguments = _applied(directives, "deprecated")
    if arguments is None:
        return None
    reason = arguments.get("reason", DEFAULT_DEPRECATION_REASON)
    return reason if isinstance(reason, str) else None


def _applied(directives: Iterable[Directive], name: str) -> dict[str, ConstValue] | None:
    """The arguments of the first application of a directive."""
    for directive in directives:
        if directive.name == name:
            return {argument.name: argument.value for argument in directive.arguments}
    return None
