"""The API schema: what clients see of a supergraph.

Everything that only serves the machinery (`join__` types, link and join definitions, applied
directives) is left out, and so is what `@inaccessible` hides
(https://specs.apollo.dev/inaccessible/v0.2).
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from graphql import GraphQLSchema

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
from supergraph.federation.supergraph_state import SupergraphState
from supergraph.names import TypeName

__all__ = ["api_document", "build_api_schema", "visible_fields"]

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


def build_api_schema(state: SupergraphState) -> GraphQLSchema:
    """The API schema, ready to validate and introspect."""
    with collection_paused():
        return build_schema(api_document(state.document))


def visible_fields(supergraph: Document) -> Mapping[TypeName, tuple[FieldDefinition, ...]]:
    """The fields that each object type has in the API schema."""
    return {
        TypeName(node.name): _visible(node.fields)
        for node in supergraph.definitions
        if isinstance(node, TypeDefinition) and node.keyword == "type" and not _is_hidden(node)
    }


def api_document(supergraph: Document) -> Document:
    """The API schema's definitions.

    Directives that only compose are still applied: they mean nothing to who builds a schema.
    """
    hidden = {
        node.name
        for node in supergraph.definitions
        if isinstance(node, TypeDefinition) and _is_hidden(node)
    }
    specs = _spec_names(supergraph)
    kept = (_api_definition(node, hidden, specs) for node in supergraph.definitions)
    definitions = tuple(node for node in kept if node is not None)
    return Document(definitions, supergraph.offsets, supergraph.line_starts)


def _is_hidden(node: TypeDefinition) -> bool:
    return _is_machinery(node.name) or _is_inaccessible(node.directives)


def _is_machinery(name: str) -> bool:
    return "__" in name  # `join__Graph`, `link__Purpose`: the link spec's namespacing


def _is_inaccessible(directives: Iterable[Directive]) -> bool:
    return any(directive.name == "inaccessible" for directive in directives)


def _spec_names(supergraph: Document) -> frozenset[str]:
    """Names of the linked specs: a directive of that very name belongs to the spec."""
    names = {"link", "core", "join"}
    for node in supergraph.definitions:
        if not isinstance(node, SchemaDefinition) or node.is_extension:
            continue
        for directive in node.directives:
            if directive.name not in {"link", "core"}:
                continue
            arguments = {argument.name: argument.value for argument in directive.arguments}
            url = arguments.get("url") or arguments.get("feature") or ""
            alias = arguments.get("as")
            names.add(str(alias or str(url).rstrip("/").rpartition("/")[0].rpartition("/")[2]))
    return frozenset(names)


def _api_definition(node: Definition, hidden: set[str], specs: frozenset[str]) -> Definition | None:
    match node:
        case SchemaDefinition():
            kept = (item for item in node.operations if item[1].name not in hidden)
            return None if node.is_extension else node._replace(operations=tuple(kept))
        case DirectiveDefinition():
            return _api_directive(node, specs)
        case TypeDefinition():
            if node.is_extension or node.name in hidden:
                return None
            return node._replace(
                interfaces=tuple(item for item in node.interfaces if item.name not in hidden),
                members=tuple(item for item in node.members if item.name not in hidden),
                fields=tuple(map(_with_visible_arguments, _visible(node.fields))),
                input_fields=_visible(node.input_fields),
                values=_visible(node.values),
            )


def _api_directive(node: DirectiveDefinition, specs: frozenset[str]) -> DirectiveDefinition | None:
    """Executable directives are part of the API; type-system ones are machinery."""
    if _is_machinery(node.name) or node.name in specs:
        return None
    locations = tuple(name for name in node.locations if name in EXECUTABLE_LOCATIONS)
    if not locations:
        return None
    return node._replace(locations=locations, arguments=_visible(node.arguments))


def _visible(nodes: tuple[_Node, ...]) -> tuple[_Node, ...]:
    return tuple(node for node in nodes if not _is_inaccessible(node.directives))


def _with_visible_arguments(field: FieldDefinition) -> FieldDefinition:
    if not any(_is_inaccessible(argument.directives) for argument in field.arguments):
        return field
    return field._replace(arguments=_visible(field.arguments))
