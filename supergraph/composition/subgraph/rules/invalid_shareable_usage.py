"""`@shareable` stands on object types and their fields, once for each declaration."""

from collections import Counter
from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import Position, TypeKind
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.shareable import SHAREABLE

__all__ = ["invalid_shareable_usage"]


def invalid_shareable_usage(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each repeated application, and for each on a field of an interface."""
    for definition in state.schema.of_kind(TypeKind.OBJECT):
        parts = Counter(application.part for application in definition.applied(SHAREABLE.name))
        if any(count > 1 for count in parts.values()):
            yield _repeated(state, definition.name, definition.position)
        for field in definition.fields.values():
            if len(field.applied(SHAREABLE.name)) > 1:
                yield _repeated(state, f"{definition.name}.{field.name}", field.position)
    for definition in state.schema.of_kind(TypeKind.INTERFACE):
        for field in definition.fields.values():
            if field.has(SHAREABLE.name):
                yield state.error(
                    codes.INVALID_SHAREABLE_USAGE,
                    f'"{definition.name}.{field.name}" is a field of an interface and cannot be '
                    "@shareable: mark the field of the object types instead.",
                    field.position,
                )


def _repeated(state: SubgraphState, coordinate: str, position: Position | None) -> CompositionError:
    message = f'"{coordinate}" is @shareable twice in one declaration: remove one of the two.'
    return state.error(codes.INVALID_SHAREABLE_USAGE, message, position)
