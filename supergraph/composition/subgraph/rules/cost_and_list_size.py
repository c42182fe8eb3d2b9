"""`@cost` and `@listSize` stand where they can be reckoned with, and name what exists."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import (
    AppliedDirective,
    Field,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.schema.type_ref import is_list, named_type, nullable
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.directives.cost import COST
from supergraph.federation.directives.list_size import LIST_SIZE
from supergraph.federation.values import ConstValue

__all__ = ["cost_on_interface_field", "list_sizes"]


def cost_on_interface_field(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each cost on a field of an interface."""
    for definition in state.schema.of_kind(TypeKind.INTERFACE):
        for field in definition.fields.values():
            if field.has(COST.name):
                yield state.error(
                    codes.COST_APPLIED_TO_INTERFACE_FIELD,
                    f'"{definition.name}.{field.name}" is a field of an interface and cannot have '
                    "a @cost: put it on the implementations.",
                    field.position,
                )


def list_sizes(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each list size that fits its field in no way."""
    for definition in state.schema.of_kind(TypeKind.OBJECT, TypeKind.INTERFACE):
        for field in definition.fields.values():
            for application in field.applied(LIST_SIZE.name):
                yield from _judge(state, definition, field, application)


def _judge(
    state: SubgraphState, parent: TypeDefinition, field: Field, application: AppliedDirective
) -> Iterator[CompositionError]:
    at = f"{parent.name}.{field.name}"

    def error(definition: ErrorCode, why: str) -> CompositionError:
        return state.error(definition, f'@listSize on "{at}": {why}.', application.position)

    if not is_list(nullable(field.type)) and not application.arguments.get("sizedFields"):
        why = f'the field is of type "{field.type}", no list; name the lists in "sizedFields"'
        yield error(codes.LIST_SIZE_APPLIED_TO_NON_LIST, why)
    assumed = application.arguments.get("assumedSize")
    if isinstance(assumed, int) and assumed < 0:
        yield error(codes.LIST_SIZE_INVALID_ASSUMED_SIZE, f"{assumed} is no size")
    slicing = application.arguments.get("slicingArguments")
    if isinstance(slicing, str):
        yield error(codes.LIST_SIZE_INVALID_SLICING_ARGUMENT, _no_list("slicingArguments", slicing))
    for name in _names(slicing):
        fault = _slicing_fault(field, name)
        if fault:
            yield error(codes.LIST_SIZE_INVALID_SLICING_ARGUMENT, fault)
    value = application.arguments.get("sizedFields")
    if isinstance(value, str):
        yield error(codes.LIST_SIZE_INVALID_SIZED_FIELD, _no_list("sizedFields", value))
    yield from (error(*fault) for fault in _sized_faults(state, field, _names(value)))


def _no_list(argument: str, value: str) -> str:
    """GraphQL would take one name for a list of one; Apollo's composition reads it by letters."""
    return (
        f'write the names as a list, {argument}: ["{value}"]: not every composer reads one string'
    )


def _names(value: ConstValue) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def _slicing_fault(field: Field, name: str) -> str | None:
    argument = field.arguments.get(name)
    if argument is None:
        return f'there is no argument "{name}"'
    if nullable(argument.type) != "Int":
        return f'the argument "{name}" is of type "{argument.type}", not Int'
    return None


def _sized_faults(
    state: SubgraphState, field: Field, names: list[str]
) -> Iterator[tuple[ErrorCode, str]]:
    target = state.schema.types.get(named_type(field.type))
    if target is None or target.kind not in {TypeKind.OBJECT, TypeKind.INTERFACE}:
        if names:
            why = f'"{field.type}" has no fields that could be sized'
            yield codes.LIST_SIZE_INVALID_SIZED_FIELD, why
        return
    for name in names:
        sized = target.fields.get(name)
        if sized is None:
            why = f'"{target.name}" has no field "{name}"'
            yield codes.LIST_SIZE_INVALID_SIZED_FIELD, why
        elif not is_list(sized.type):
            why = f'"{target.name}.{name}" is of type "{sized.type}", no list'
            yield codes.LIST_SIZE_APPLIED_TO_NON_LIST, why
