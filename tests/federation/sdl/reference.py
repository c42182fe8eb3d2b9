"""Our reading of SDL beside graphql-core's: the same documents, and the same texts refused."""

from typing import Any

from graphql import GraphQLError, parse
from graphql.language import ast, print_ast

from supergraph.federation.sdl import nodes
from supergraph.federation.sdl.errors import SdlSyntaxError
from supergraph.federation.sdl.parse import parse_sdl
from supergraph.federation.values import value_from_node

__all__ = ["check_like_reference"]

_KEYWORDS: dict[str, nodes.TypeKeyword] = {
    "object": "type",
    "interface": "interface",
    "union": "union",
    "enum": "enum",
    "scalar": "scalar",
    "input_object": "input",
}


def check_like_reference(text: str) -> bool:
    """Read the text both ways; returns whether it was accepted."""
    expected = _expected(text)
    if expected is None:
        try:
            parse_sdl(text)
        except SdlSyntaxError:
            return False
        raise AssertionError(f"graphql-core refuses {text!r}, we do not")
    document = parse_sdl(text)
    found = [_placed(node, document) for node in document.definitions]
    assert found == expected, text
    return True


def _expected(text: str) -> list[Any] | None:
    try:
        document = parse(text)
    except GraphQLError:
        return None
    if not all(map(_is_type_system, document.definitions)):
        return None
    return [_definition(node) for node in document.definitions]


def _is_type_system(node: ast.DefinitionNode) -> bool:
    return not isinstance(node, ast.ExecutableDefinitionNode | ast.DirectiveExtensionNode)


def _placed(node: Any, document: nodes.Document) -> Any:
    """The node as plain tuples, with places instead of numbers of tokens."""
    if isinstance(node, tuple) and hasattr(node, "_fields"):
        values = {name: _placed(value, document) for name, value in node._asdict().items()}
        if "at" in values:
            values["at"] = tuple(document.place(values["at"]))
        for name in ("value", "default"):  # `1` is no `1.0`, a string no enum value
            if name in values:
                values[name] = repr_of(values[name])
        return type(node).__name__, *values.values()
    if isinstance(node, tuple):
        return tuple(_placed(item, document) for item in node)
    return node


def repr_of(value: Any) -> Any:
    if isinstance(value, list):
        return [repr_of(item) for item in value]
    if isinstance(value, dict):
        return {name: repr_of(item) for name, item in value.items()}
    return type(value).__name__, repr(value)


def _at(node: ast.Node) -> tuple[int, int]:
    assert node.loc is not None
    return node.loc.start_token.line, node.loc.start_token.column


def _text(node: ast.StringValueNode | None) -> str | None:
    return None if node is None else node.value


def _definition(node: Any) -> Any:
    if isinstance(node, ast.SchemaDefinitionNode | ast.SchemaExtensionNode):
        return (
            "SchemaDefinition",
            isinstance(node, ast.SchemaExtensionNode),
            _directives(node.directives),
            tuple(
                (item.operation.value, ("Reference", item.type.name.value, _at(item)))
                for item in node.operation_types or ()
            ),
            _text(getattr(node, "description", None)),
            _keyword_at(node),
        )
    if isinstance(node, ast.DirectiveDefinitionNode):
        return (
            "DirectiveDefinition",
            node.name.value,
            tuple(map(_input_value, node.arguments or ())),
            _directives(node.directives),
            node.repeatable,
            tuple(item.value for item in node.locations),
            _text(node.description),
            _at(node.name),
        )
    return _type(node)


def _keyword_at(node: ast.SchemaDefinitionNode | ast.SchemaExtensionNode) -> tuple[int, int]:
    assert node.loc is not None
    token = node.loc.start_token
    while token.value != "schema" or token.kind.value != "Name":
        assert token.next is not None
        token = token.next
    return token.line, token.column


def _type(node: Any) -> Any:
    kind, _, form = node.kind.rpartition("_type_")
    keyword = _KEYWORDS[kind]
    has_fields = keyword in {"type", "interface"}
    return (
        "TypeDefinition",
        keyword,
        node.name.value,
        form == "extension",
        tuple(map(_reference, getattr(node, "interfaces", None) or ())),
        _directives(node.directives),
        tuple(map(_field, node.fields or ())) if has_fields else (),
        tuple(map(_input_value, node.fields or ())) if keyword == "input" else (),
        tuple(map(_reference, node.types or ())) if keyword == "union" else (),
        tuple(map(_enum_value, node.values or ())) if keyword == "enum" else (),
        _text(getattr(node, "description", None)),
        _at(node.name),
    )


def _reference(node: ast.NamedTypeNode) -> Any:
    return "Reference", node.name.value, _at(node)


def _field(node: ast.FieldDefinitionNode) -> Any:
    return (
        "FieldDefinition",
        node.name.value,
        tuple(map(_input_value, node.arguments or ())),
        print_ast(node.type),
        _directives(node.directives),
        _text(node.description),
        _at(node.name),
    )


def _input_value(node: ast.InputValueDefinitionNode) -> Any:
    default = None if node.default_value is None else value_from_node(node.default_value)
    return (
        "InputValue",
        node.name.value,
        print_ast(node.type),
        repr_of(default),
        node.default_value is not None,
        _directives(node.directives),
        _text(node.description),
        _at(node.name),
    )


def _enum_value(node: ast.EnumValueDefinitionNode) -> Any:
    return (
        "EnumValue",
        node.name.value,
        _directives(node.directives),
        _text(node.description),
        _at(node.name),
    )


def _directives(directives: Any) -> Any:
    return tuple(
        (
            "Directive",
            node.name.value,
            tuple(
                (
                    "Argument",
                    argument.name.value,
                    repr_of(value_from_node(argument.value)),
                    _at(argument.name),
                )
                for argument in node.arguments or ()
            ),
            _at(node),
        )
        for node in directives or ()
    )
