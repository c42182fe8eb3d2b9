"""Values in a document: of the right type, complete, and variables where they may stand.

Covers the rules Argument Names, Argument Uniqueness, Required Arguments, Values of Correct Type,
Input Object Field Names, Uniqueness and Required Fields, and collects the uses of variables
(https://spec.graphql.org/September2025/#sec-Values).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLString,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from supergraph.document.doubt import DoubtError
from supergraph.document.tables import InputPlace, has_default

__all__ = ["VariableUse", "accepts", "check_arguments", "check_value"]

#: Digits of a number beyond which Python's own limits may speak.
_DIGITS_MAX = 1_000

_SPECIFIED_SCALARS: Mapping[GraphQLScalarType, frozenset[type[ValueNode]]] = {
    GraphQLFloat: frozenset({IntValueNode, FloatValueNode}),
    GraphQLString: frozenset({StringValueNode}),
    GraphQLBoolean: frozenset({BooleanValueNode}),
    GraphQLID: frozenset({StringValueNode, IntValueNode}),
}


@dataclass(frozen=True, slots=True)
class VariableUse:
    """A variable and the place it is used in; no place where nothing is known of it.

    The only field of a oneOf input object takes no null, whatever its type says.
    """

    name: str
    place: InputPlace | None
    is_one_of: bool = False


def check_arguments(
    nodes: Iterable[ArgumentNode] | None,
    places: Mapping[str, InputPlace],
    required: frozenset[str],
    uses: list[VariableUse],
) -> None:
    """Check the arguments of a field or directive."""
    given = set()
    for node in nodes or ():
        name = node.name.value
        place = places.get(name)
        if place is None or name in given:
            raise DoubtError
        given.add(name)
        value = node.value
        if type(value) is VariableNode:
            uses.append(VariableUse(value.name.value, place))
        else:
            check_value(value, place.type, uses)
    if not required <= given:
        raise DoubtError


def check_value(node: ValueNode, type_: GraphQLInputType, uses: list[VariableUse]) -> None:
    """Check a literal; a variable in it is noted."""
    if isinstance(type_, GraphQLNonNull):
        if type(node) is NullValueNode:
            raise DoubtError
        type_ = type_.of_type
    elif type(node) is NullValueNode:
        return
    if isinstance(type_, GraphQLList):
        # A value that is no list stands for a list of one.
        items = node.values if isinstance(node, ListValueNode) else (node,)
        place = None
        for item in items:
            if type(item) is VariableNode:
                place = place or InputPlace(type_.of_type, has_default=False)
                uses.append(VariableUse(item.name.value, place))
            else:
                check_value(item, type_.of_type, uses)
    elif isinstance(type_, GraphQLInputObjectType):
        _check_object(node, type_, uses)
    else:
        _check_leaf(node, type_, uses)


def accepts(wanted: str, given: str) -> bool:
    """Whether a place of one input type takes values of another.

    https://spec.graphql.org/September2025/#AreTypesCompatible()
    """
    while wanted != given:
        if wanted.endswith("!"):
            if not given.endswith("!"):
                return False
            wanted, given = wanted[:-1], given[:-1]
        elif given.endswith("!"):
            given = given[:-1]
        elif wanted.startswith("[") and given.startswith("["):
            wanted, given = wanted[1:-1], given[1:-1]
        else:
            return False
    return True


def _check_object(node: ValueNode, type_: GraphQLInputObjectType, uses: list[VariableUse]) -> None:
    if not isinstance(node, ObjectValueNode):
        raise DoubtError
    fields = type_.fields
    given = set()
    for item in node.fields:
        name = item.name.value
        field = fields.get(name)
        if field is None or name in given:
            raise DoubtError
        given.add(name)
        value = item.value
        if type(value) is VariableNode:
            place = InputPlace(field.type, has_default=has_default(field))
            uses.append(VariableUse(value.name.value, place, type_.is_one_of))
        else:
            check_value(value, field.type, uses)
            if type_.is_one_of and type(value) is NullValueNode:
                raise DoubtError
    if type_.is_one_of and len(given) != 1:
        raise DoubtError
    for name, field in fields.items():
        if name not in given and isinstance(field.type, GraphQLNonNull) and not has_default(field):
            raise DoubtError


def _check_leaf(node: ValueNode, type_: GraphQLInputType, uses: list[VariableUse]) -> None:
    if isinstance(type_, GraphQLEnumType):
        if type(node) is not EnumValueNode or node.value not in type_.values:
            raise DoubtError
    elif type_ is GraphQLInt:
        if type(node) is not IntValueNode or not _is_int(node.value):
            raise DoubtError
    elif isinstance(type_, GraphQLScalarType):
        classes = _SPECIFIED_SCALARS.get(type_)
        if classes is None:
            _check_custom(node, type_, uses)
        elif type(node) not in classes:
            raise DoubtError
    else:
        raise DoubtError


def _is_int(digits: str) -> bool:
    return len(digits) < 12 and -(2**31) <= int(digits) < 2**31


def _check_custom(node: ValueNode, type_: GraphQLScalarType, uses: list[VariableUse]) -> None:
    """A scalar of the schema's own takes any literal, unless code of its own reads it."""
    has_code = (
        type_.coerce_input_literal is not None
        or type_.coerce_input_value is not GraphQLScalarType.parse_value
        or "parse_literal" in vars(type_)
    )
    if has_code:
        raise DoubtError
    _check_anything(node, uses)


def _check_anything(node: ValueNode, uses: list[VariableUse]) -> None:
    if isinstance(node, VariableNode):
        uses.append(VariableUse(node.name.value, None))
    elif isinstance(node, ListValueNode):
        for item in node.values:
            _check_anything(item, uses)
    elif isinstance(node, ObjectValueNode):
        if len({item.name.value for item in node.fields}) < len(node.fields):
            raise DoubtError
        for field in node.fields:
            _check_anything(field.value, uses)
    elif isinstance(node, IntValueNode | FloatValueNode) and len(node.value) > _DIGITS_MAX:
        raise DoubtError
