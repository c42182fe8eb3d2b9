"""The API schema: what clients see of a supergraph.

Everything that only serves the machinery (`join__` types, link and join definitions, applied
directives) is left out, and so is what `@inaccessible` hides
(https://specs.apollo.dev/inaccessible/v0.2).
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from graphql import GraphQLDeferDirective, GraphQLSchema, GraphQLStreamDirective

from supergraph.federation.garbage import collection_paused
from supergraph.federation.sdl.nodes import (
    Definition,
    Directive,
    DirectiveDefinition,
    Document,
    EnumValue,
    FieldDefinition,
    InputValue,
    SchemaDefinition,
    TypeDefinition,
)
from supergraph.federation.sdl.schema import build_schema
from supergraph.federation.supergraph_links import directive_name, links_of, spec_name
from supergraph.federation.supergraph_state import SupergraphState
from supergraph.names import TypeName

__all__ = ["api_document", "build_api_schema", "offer_parts", "visible_fields"]

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

_Node = TypeVar("_Node", FieldDefinition, InputValue, EnumValue)


def build_api_schema(
    state: SupergraphState, *, defers: bool = False, streams: bool = False
) -> GraphQLSchema:
    """The API schema, ready to validate and introspect.

    It offers `@defer` and `@stream` where these are wanted.
    """
    with collection_paused():
        schema = build_schema(api_document(state.document))
    offer_parts(schema, defers=defers, streams=streams)
    return schema


def offer_parts(schema: GraphQLSchema, *, defers: bool, streams: bool) -> None:
    """Add the directives that are wanted, in place of others of their names."""
    offered = ((GraphQLDeferDirective, defers), (GraphQLStreamDirective, streams))
    added = [directive for directive, is_wanted in offered if is_wanted]
    names = {directive.name for directive in added}
    others = (item for item in schema.directives if item.name not in names)
    schema.directives = (*others, *added)


def visible_fields(supergraph: Document) -> Mapping[TypeName, tuple[FieldDefinition, ...]]:
    """The fields that each object type has in the API schema."""
    view = _ApiView(supergraph)
    return {
        TypeName(node.name): view.visible(node.fields)
        for node in supergraph.definitions
        if isinstance(node, TypeDefinition)
        and node.keyword == "type"
        and node.name not in view.hidden_types
    }


def api_document(supergraph: Document) -> Document:
    """The API schema's definitions.

    Directives that only compose are still applied: they mean nothing to who builds a schema.
    """
    view = _ApiView(supergraph)
    kept = (view.definition(node) for node in supergraph.definitions)
    definitions = tuple(node for node in kept if node is not None)
    return Document(definitions, supergraph.offsets, supergraph.line_starts)


class _ApiView:
    """What of a supergraph is visible. A link may give `@inaccessible` another name."""

    def __init__(self, supergraph: Document) -> None:
        links = links_of(supergraph)
        self._inaccessible = directive_name(links, "inaccessible")
        self._specs = frozenset({"link", "core", "join"}.union(map(spec_name, links)))
        self.hidden_types = {
            node.name
            for node in supergraph.definitions
            if isinstance(node, TypeDefinition)
            and (_is_machinery(node.name) or self._is_hidden(node.directives))
        }

    def definition(self, node: Definition) -> Definition | None:
        """A definition as clients see it; None where they do not."""
        match node:
            case SchemaDefinition():
                kept = (item for item in node.operations if item[1].name not in self.hidden_types)
                return None if node.is_extension else node._replace(operations=tuple(kept))
            case DirectiveDefinition():
                return self._directive(node)
            case TypeDefinition():
                return self._type(node)

    def visible(self, nodes: tuple[_Node, ...]) -> tuple[_Node, ...]:
        """Those of some members that are not hidden."""
        return tuple(node for node in nodes if not self._is_hidden(node.directives))

    def _type(self, node: TypeDefinition) -> TypeDefinition | None:
        if node.is_extension or node.name in self.hidden_types:
            return None
        hidden = self.hidden_types
        return node._replace(
            interfaces=tuple(item for item in node.interfaces if item.name not in hidden),
            members=tuple(item for item in node.members if item.name not in hidden),
            fields=tuple(map(self._with_visible_arguments, self.visible(node.fields))),
            input_fields=self.visible(node.input_fields),
            values=self.visible(node.values),
        )

    def _directive(self, node: DirectiveDefinition) -> DirectiveDefinition | None:
        """Executable directives are part of the API; type-system ones are machinery."""
        if _is_machinery(node.name) or node.name in self._specs:
            return None
        locations = tuple(name for name in node.locations if name in EXECUTABLE_LOCATIONS)
        if not locations:
            return None
        return node._replace(locations=locations, arguments=self.visible(node.arguments))

    def _with_visible_arguments(self, field: FieldDefinition) -> FieldDefinition:
        if not any(self._is_hidden(argument.directives) for argument in field.arguments):
            return field
        return field._replace(arguments=self.visible(field.arguments))

    def _is_hidden(self, directives: Iterable[Directive]) -> bool:
        return any(directive.name == self._inaccessible for directive in directives)


def _is_machinery(name: str) -> bool:
    return "__" in name  # `join__Graph`, `link__Purpose`: the link spec's namespacing
