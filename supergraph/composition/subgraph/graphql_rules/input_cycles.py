"""An input type does not require itself: no finite value of it could be written."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import TypeDefinition, TypeKind
from supergraph.composition.schema.type_ref import is_list, is_non_null, nullable
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes

__all__ = ["input_cycles"]


def input_cycles(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each input type on a cycle of required fields."""
    for definition in state.schema.of_kind(TypeKind.INPUT):
        if _reaches(state, definition, definition.name):
            message = (
                f'The input type "{definition.name}" requires a value of itself through fields '
                "that cannot be null: make one of them nullable."
            )
            yield state.error(codes.INVALID_GRAPHQL, message, definition.position)


def _reaches(state: SubgraphState, start: TypeDefinition, target: str) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        definition = waiting.pop()
        for field in definition.input_fields.values():
            if not is_non_null(field.type) or is_list(field.type):
                continue
            name = nullable(field.type)
            if name == target:
                return True
            following = state.schema.types.get(name)
            if following is not None and name not in seen:
                seen.add(name)
                waiting.append(following)
    return False
