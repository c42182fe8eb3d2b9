"""Where an interface has a key, each of its implementations has it too."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import AppliedDirective, TypeDefinition, TypeKind
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.key import KEY
from supergraph.federation.field_set import FieldSetError, Selection, parse_field_set

__all__ = ["interface_key_not_on_implementation"]


def interface_key_not_on_implementation(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each key of an interface that an implementation lacks."""
    if state.is_federation_1:
        return
    by_interface = state.schema.implementations()
    for interface in state.schema.of_kind(TypeKind.INTERFACE):
        for key in interface.applied(KEY.name):
            for name in sorted(by_interface[interface.name]):
                implementation = state.schema.types[name]
                if not _has_key(implementation, key):
                    yield state.error(
                        codes.INTERFACE_KEY_NOT_ON_IMPLEMENTATION,
                        f'"{interface.name}" has @key(fields: "{key.arguments.get("fields")}") '
                        f'but its implementation "{name}" has no such resolvable key: add it.',
                        key.position,
                        implementation.position,
                    )


def _has_key(definition: TypeDefinition, wanted: AppliedDirective) -> bool:
    resolvable = wanted.arguments.get("resolvable", True)
    return any(
        _selected(key) == _selected(wanted)
        and (resolvable is False or key.arguments.get("resolvable", True) is True)
        for key in definition.applied(KEY.name)
    )


def _selected(key: AppliedDirective) -> frozenset[object]:
    try:
        return _as_set(parse_field_set(str(key.arguments.get("fields"))))
    except FieldSetError:
        return frozenset()


def _as_set(selections: tuple[Selection, ...]) -> frozenset[object]:
    """A selection without its order."""
    return frozenset((s.field, s.type_condition, _as_set(s.selections)) for s in selections)
