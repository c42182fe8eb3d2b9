"""`@cost` and `@listSize` stand where they can be reckoned with, and name what exists."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import (
    AppliedDirective,
    Field,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.schema.type_ref import is_list, is_non_null, named_type, nullable
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.directives.cost import COST
from supergraph.federation.directives.list_size import LIST_SIZE

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

    sized = application.arguments.get("sizedFields")
    if not is_list(nullable(field.type)) and sized is None:
        why = f'the field is of type "{field.type}", no list; name the lists in "sizedFields"'
        yield error(codes.LIST_SIZE_APPLIED_TO_NON_LIST, why)
    assumed = application.arguments.get("assumedSize")
    if isinstance(assumed, int) and assumed < 0:
        yield error(codes.LIST_SIZE_INVALID_ASSUMED_SIZE, f"{assumed} is no size")
    slicing = application.arguments.get("slicingArguments")
    for path in slicing if isinstance(slicing, list) else ():
        fault = _slicing_fault(state, field, str(path))
        if fault:
            yield error(codes.LIST_SIZE_INVALID_SLICING_ARGUMENT, fault)
    if isinstance(sized, list):
        for why in _sized_faults(state, field, [str(name) for name in sized]):
            yield error(codes.LIST_SIZE_INVALID_SIZED_FIELD, why)


def _slicing_fault(state: SubgraphState, field: Field, path: str) -> str | None:
    arguments = field.arguments
    *through, last = path.split(".")
    for name in through:
        argument = arguments.get(name)
        target = state.schema.types.get(named_type(argument.type)) if argument else None
        if argument is None or target is None or target.kind is not TypeKind.INPUT:
            return f'"{path}" does not lead to an argument'
        if is_list(nullable(argument.type)):
            return f'"{path}" goes through a list'
        arguments = target.input_fields
    argument = arguments.get(last)
    if argument is None:
        return f'there is no argument "{path}"'
    if nullable(argument.type) != "Int":
        return f'the argument "{path}" is of type "{argument.type}", not Int'
    return None


def _sized_faults(state: SubgraphState, field: Field, names: list[str]) -> Iterator[str]:
    target = state.schema.types.get(named_type(field.type))
    if target is None or target.kind not in {TypeKind.OBJECT, TypeKind.INTERFACE}:
        yield f'"{field.type}" has no fields that could be sized'
        return
    for name in names:
        sized = target.fields.get(name)
        if sized is None:
            yield f'"{target.name}" has no field "{name}"'
        elif not is_list(nullable(sized.type) if is_non_null(sized.type) else sized.type):
            yield f'"{target.name}.{name}" is of type "{sized.type}", no list'
