"""Nodes of graphql-core, made without their constructors.

Those are frozen dataclasses', which set each attribute through two calls; a document's nodes cost
more than reading its text. The attributes set here are the same, defaults included.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListTypeNode,
    ListValueNode,
    NamedTypeNode,
    NameNode,
    Node,
    NonNullTypeNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    VariableDefinitionNode,
    VariableNode,
)

__all__ = ["make_node"]

_NodeT = TypeVar("_NodeT", bound=Node)

_DEFAULTS: Mapping[type[Node], Mapping[str, Any]] = {
    of: {item.name: item.default for item in fields(of) if item.default is not MISSING}
    for of in (
        ArgumentNode,
        BooleanValueNode,
        DirectiveNode,
        DocumentNode,
        EnumValueNode,
        FieldNode,
        FloatValueNode,
        FragmentDefinitionNode,
        FragmentSpreadNode,
        InlineFragmentNode,
        IntValueNode,
        ListTypeNode,
        ListValueNode,
        NameNode,
        NamedTypeNode,
        NonNullTypeNode,
        NullValueNode,
        ObjectFieldNode,
        ObjectValueNode,
        OperationDefinitionNode,
        SelectionSetNode,
        StringValueNode,
        VariableDefinitionNode,
        VariableNode,
    )
}


def make_node(of: type[_NodeT], **attributes: Any) -> _NodeT:
    """A node of an executable document with the attributes given, and defaults for the others."""
    node = object.__new__(of)
    node.__dict__.update(_DEFAULTS[of], **attributes)
    return node
