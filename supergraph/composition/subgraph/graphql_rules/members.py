"""Types have members, and names that begin with two underscores are GraphQL's own."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.elements import located_elements
from supergraph.composition.schema.model import ROOT_NAMES, TypeDefinition, TypeKind
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes

__all__ = ["members_missing", "reserved_names"]

_MACHINERY_PREFIXES = ("join__", "link__")


def members_missing(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each type without fields, values or members."""
    for definition in state.schema.types.values():
        what = _missing(definition)
        # The query root may be empty: `_service` and `_entities` were taken out of it.
        if what and definition.name != ROOT_NAMES["query"]:
            message = f'"{definition.name}" must have at least one {what}.'
            yield state.error(codes.INVALID_GRAPHQL, message, definition.position)


def _missing(definition: TypeDefinition) -> str | None:
    match definition.kind:
        case TypeKind.OBJECT | TypeKind.INTERFACE:
            return None if definition.fields else "field"
        case TypeKind.INPUT:
            return None if definition.input_fields else "field"
        case TypeKind.ENUM:
            return None if definition.values else "value"
        case TypeKind.UNION:
            return None if definition.members else "member"
        case TypeKind.SCALAR:
            return None


def reserved_names(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each name that introspection or the supergraph's machinery reserves."""
    for definition in state.schema.types.values():
        if definition.name.startswith(_MACHINERY_PREFIXES):
            message = f'The name "{definition.name}" is needed by the supergraph: choose another.'
            yield state.error(codes.INVALID_GRAPHQL, message, definition.position)
    for coordinate, element, _ in located_elements(state.schema):
        if element.name.startswith("__"):
            message = f'The name of "{coordinate}" must not begin with "__".'
            yield state.error(codes.INVALID_GRAPHQL, message, element.position)
