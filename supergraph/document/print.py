"""Nodes as graphql-core prints them, without its visitor where the text is plain."""

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    NullValueNode,
    StringValueNode,
    TypeNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    print_ast,
)
from graphql.language.print_string import print_string

from supergraph.errors import broken_invariant

__all__ = ["print_argument", "print_type", "print_variable_definition"]


def print_argument(node: ArgumentNode) -> str:
    """An argument, as in `first: 10`."""
    value = _plain_value(node.value)
    return print_ast(node) if value is None else f"{node.name.value}: {value}"


def print_variable_definition(node: VariableDefinitionNode) -> str:
    """A variable's definition, as in `$first: Int!`."""
    if node.default_value is not None or node.directives or node.description is not None:
        return print_ast(node)
    return f"${node.variable.name.value}: {print_type(node.type)}"


def print_type(node: TypeNode) -> str:
    """A reference to a type, as in `[ID!]!`."""
    if isinstance(node, NonNullTypeNode):
        return f"{print_type(node.type)}!"
    if isinstance(node, ListTypeNode):
        return f"[{print_type(node.type)}]"
    if isinstance(node, NamedTypeNode):
        return node.name.value
    broken_invariant("there are three kinds of references to types")


def _plain_value(node: ValueNode) -> str | None:
    """A value that no line break can be in; None for others."""
    if isinstance(node, VariableNode):
        return f"${node.name.value}"
    if isinstance(node, IntValueNode | FloatValueNode | EnumValueNode):
        return node.value
    if isinstance(node, StringValueNode):
        return None if node.block else print_string(node.value)
    if isinstance(node, BooleanValueNode):
        return "true" if node.value else "false"
    if isinstance(node, NullValueNode):
        return "null"
    return None
