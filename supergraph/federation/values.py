"""Constant GraphQL values as Python values, and back to GraphQL text.

Numbers, strings, booleans, null, lists and input objects are the Python types one expects; an
enum value is an `EnumValue`, so that `RED` and `"RED"` stay two things.
"""

import json
from math import isfinite, isinf
from typing import TypeAlias, assert_never

from graphql.language import ast

__all__ = [
    "ConstValue",
    "EnumValue",
    "node_from_value",
    "print_value",
    "value_from_node",
    "values_equal",
]


class EnumValue(str):
    """The name of an enum value; never equal in kind to a string (see `values_equal`)."""

    __slots__ = ()


ConstValue: TypeAlias = (
    "bool | int | float | str | EnumValue | list[ConstValue] | dict[str, ConstValue] | None"
)


def value_from_node(node: ast.ValueNode) -> "ConstValue":
    """The value of a constant node. A variable has none and is read as its own name."""
    match node:
        case ast.ListValueNode():
            return [value_from_node(item) for item in node.values]
        case ast.ObjectValueNode():
            return {field.name.value: value_from_node(field.value) for field in node.fields}
        case ast.IntValueNode():
            return int(node.value)
        case ast.FloatValueNode():
            return float(node.value)
        case ast.StringValueNode() | ast.BooleanValueNode():
            return node.value
        case ast.EnumValueNode():
            return EnumValue(node.value)
        case _:
            return EnumValue("$" + node.name.value) if isinstance(node, ast.VariableNode) else None


def node_from_value(value: "ConstValue") -> ast.ConstValueNode:
    """The value as a constant node."""
    match value:
        case None:
            return ast.NullValueNode()
        case bool():
            return ast.BooleanValueNode(value=value)
        case EnumValue():
            return ast.EnumValueNode(value=str(value))
        case str():
            return ast.StringValueNode(value=value)
        case int():
            return ast.IntValueNode(value=str(value))
        case float():
            return ast.FloatValueNode(value=repr(value) if isfinite(value) else print_value(value))
        case list():
            return ast.ConstListValueNode(values=tuple(map(node_from_value, value)))
        case dict():
            return ast.ConstObjectValueNode(
                fields=tuple(
                    ast.ConstObjectFieldNode(
                        name=ast.NameNode(value=name), value=node_from_value(item)
                    )
                    for name, item in value.items()
                )
            )
        case _:
            assert_never(value)


def values_equal(left: "ConstValue", right: "ConstValue") -> bool:
    """Whether two constants are one value: `1` is `1.0`, but not `true`, nor is `RED` `"RED"`."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right
    if type(left) is not type(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(values_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            values_equal(value, right[name]) for name, value in left.items()
        )
    return left == right


def print_value(value: "ConstValue") -> str:
    """The value in GraphQL's own notation."""
    match value:
        case None | bool():
            return json.dumps(value)
        case EnumValue():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            return str(value)
        case float():
            return _print_float(value)
        case list():
            return "[" + ", ".join(map(print_value, value)) + "]"
        case dict():
            fields = (f"{name}: {print_value(item)}" for name, item in value.items())
            return "{" + ", ".join(fields) + "}"
        case _:
            assert_never(value)


def _print_float(value: float) -> str:
    if isinf(value):  # As a custom scalar's `1e999` is read.
        return "1e999" if value > 0 else "-1e999"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
