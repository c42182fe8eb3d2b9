"""The API schema: what clients see of a supergraph.

Everything a federation spec brought in (join and link machinery, names with a spec prefix, applied
directives) is left out, and so is what `@inaccessible` hides
(https://specs.apollo.dev/inaccessible/v0.2).
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
)

from supergraph.federation.supergraph_state import SupergraphState

__all__ = ["api_document", "build_api_schema"]

#: Directives of the GraphQL specification; they mean the same in the API schema.
STANDARD_DIRECTIVES = frozenset({"deprecated", "specifiedBy", "oneOf"})
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

_Node = TypeVar("_Node", bound=Any)


def build_api_schema(state: SupergraphState) -> GraphQLSchema:
    """The API schema, ready to validate and introspect."""
    return build_ast_schema(api_document(state.document), assume_valid=True)


def api_document(supergraph: DocumentNode) -> DocumentNode:
    """The API schema's SDL document."""
    hidden = {
        node.name.value
        for node in supergraph.definitions
        if isinstance(node, TypeDefinitionNode)
        and (_is_machinery(node.name.value) or _is_inaccessible(node))
    }
    specs = _spec_names(supergraph)
    kept = (_api_definition(node, hidden, specs) for node in supergraph.definitions)
    return DocumentNode(definitions=tuple(node for node in kept if node is not None))


def _is_machinery(name: str) -> bool:
    return "__" in name  # `join__Graph`, `link__Purpose`: the link spec's namespacing


def _is_inaccessible(node: Any) -> bool:
    return any(directive.name.value == "inaccessible" for directive in node.directives or ())


def _spec_names(supergraph: DocumentNode) -> frozenset[str]:
    """Names of the linked specs: a directive of that very name belongs to the spec."""
    names = {"link", "core", "join"}
    for node in supergraph.definitions:
        if not isinstance(node, SchemaDefinitionNode):
            continue
        for directive in node.directives or ():
            if directive.name.value not in {"link", "core"}:
                continue
            arguments = {item.name.value: item.value for item in directive.arguments or ()}
            url = getattr(arguments.get("url") or arguments.get("feature"), "value", "")
            alias = getattr(arguments.get("as"), "value", None)
            names.add(alias or url.rstrip("/").rpartition("/")[0].rpartition("/")[2])
    return frozenset(names)


def _api_definition(
    node: DefinitionNode, hidden: set[str], specs: frozenset[str]
) -> DefinitionNode | None:
    if isinstance(node, SchemaDefinitionNode):
        return _changed(node, directives=())
    if isinstance(node, DirectiveDefinitionNode):
        return _api_directive(node, specs)
    if not isinstance(node, TypeDefinitionNode) or node.name.value in hidden:
        return None
    changes: dict[str, Any] = {"directives": _standard(node.directives)}
    match node:
        case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
            changes["fields"] = _visible_fields(node.fields)
            changes["interfaces"] = tuple(
                item for item in node.interfaces or () if item.name.value not in hidden
            )
        case UnionTypeDefinitionNode():
            changes["types"] = tuple(
                item for item in node.types or () if item.name.value not in hidden
            )
        case InputObjectTypeDefinitionNode():
            changes["fields"] = _visible_inputs(node.fields)
        case EnumTypeDefinitionNode():
            changes["values"] = tuple(_visible(node.values))
        case _:
            pass
    return _changed(node, **changes)


def _api_directive(
    node: DirectiveDefinitionNode, specs: frozenset[str]
) -> DirectiveDefinitionNode | None:
    """Executable directives are part of the API; type-system ones are machinery."""
    if _is_machinery(node.name.value) or node.name.value in specs:
        return None
    locations = tuple(item for item in node.locations if item.value in EXECUTABLE_LOCATIONS)
    return _changed(node, locations=locations) if locations else None


def _visible(nodes: Iterable[_Node] | None) -> Iterable[_Node]:
    return (
        _changed(node, directives=_standard(node.directives))
        for node in nodes or ()
        if not _is_inaccessible(node)
    )


def _visible_inputs(
    nodes: Iterable[InputValueDefinitionNode] | None,
) -> tuple[InputValueDefinitionNode, ...]:
    return tuple(_visible(nodes))


def _visible_fields(
    nodes: Iterable[FieldDefinitionNode] | None,
) -> tuple[FieldDefinitionNode, ...]:
    return tuple(
        _changed(node, arguments=_visible_inputs(node.arguments)) for node in _visible(nodes)
    )


def _standard(directives: Iterable[ConstDirectiveNode] | None) -> tuple[ConstDirectiveNode, ...]:
    return tuple(item for item in directives or () if item.name.value in STANDARD_DIRECTIVES)


def _changed(node: _Node, **changes: Any) -> _Node:
    """A shallow copy of an AST node with some attributes replaced."""
    values = {key: getattr(node, key, None) for key in node.keys}
    return type(node)(**(values | changes))  # type: ignore[no-any-return] # built by keyword
