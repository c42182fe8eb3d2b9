"""Whether a constant fits the type it is given for."""

from collections.abc import Mapping
from math import isfinite

from supergraph.composition.schema.model import TypeDefinition, TypeKind
from supergraph.composition.schema.type_ref import is_list, is_non_null, item_type, nullable
from supergraph.federation.values import ConstValue, EnumValue

__all__ = ["fits", "with_enum_values"]

_INT_MAX = 2**31


def fits(types: Mapping[str, TypeDefinition], ref: str, value: ConstValue) -> bool:
    """Whether `value` is a legal constant of type `ref`; anything is, for an unknown scalar."""
    if is_non_null(ref):
        return value is not None and fits(types, nullable(ref), value)
    if value is None:
        return True
    if is_list(ref):
        items = value if isinstance(value, list) else [value]
        return all(fits(types, item_type(ref), item) for item in items)
    definition = types.get(ref)
    if definition is None or definition.kind is TypeKind.SCALAR:
        return _fits_scalar(ref, value)
    if definition.kind is TypeKind.ENUM:
        return isinstance(value, str) and str(value) in definition.values
    return definition.kind is TypeKind.INPUT and _fits_input(types, definition, value)


def with_enum_values(
    types: Mapping[str, TypeDefinition], ref: str, value: ConstValue
) -> ConstValue:
    """The value with strings that stand for enum values made enum values.

    GraphQL does not allow the string; subgraph libraries print it all the same.
    """
    if isinstance(value, list):
        inner = item_type(ref) if is_list(nullable(ref)) else ref
        return [with_enum_values(types, inner, item) for item in value]
    definition = types.get(ref.strip("[]!"))
    if definition is None:
        return value
    if definition.kind is TypeKind.ENUM and isinstance(value, str) and value in definition.values:
        return EnumValue(value)
    if definition.kind is TypeKind.INPUT and isinstance(value, dict):
        return {
            name: with_enum_values(types, definition.input_fields[name].type, item)
            if name in definition.input_fields
            else item
            for name, item in value.items()
        }
    return value


def _fits_scalar(name: str, value: ConstValue) -> bool:
    match name:
        case "Boolean":
            return isinstance(value, bool)
        case "String":
            return type(value) is str
        case "ID":
            return type(value) is str or (isinstance(value, int) and not isinstance(value, bool))
        case "Int":
            # `1.0` is no Int to GraphQL, but the reference implementation reads it as one.
            return type(value) in {int, float} and _is_int(value)
        case "Float":
            return isinstance(value, (int, float)) and type(value) is not bool and isfinite(value)
        case _:
            return True


def _is_int(value: ConstValue) -> bool:
    if isinstance(value, float) and not value.is_integer():
        return False
    return isinstance(value, (int, float)) and abs(value) <= _INT_MAX


def _fits_input(
    types: Mapping[str, TypeDefinition], definition: TypeDefinition, value: ConstValue
) -> bool:
    if not isinstance(value, dict):
        return False
    fields = definition.input_fields
    return all(name in fields for name in value) and all(
        fits(types, field.type, value[name]) if name in value else not field.required
        for name, field in fields.items()
    )
