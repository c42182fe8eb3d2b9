"""A subgraph may define a specification's directive itself, but not differently."""

from collections.abc import Iterable, Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import Argument, DirectiveDefinition
from supergraph.composition.schema.type_ref import is_non_null, nullable
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.catalog import FEDERATION_DIRECTIVES
from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.values import print_value, values_equal

__all__ = ["directive_definition_invalid"]

_BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}


def directive_definition_invalid(
    state: SubgraphState, definitions: Iterable[DirectiveDefinition]
) -> list[CompositionError]:
    """Report every difference between the given definitions and the specification's."""
    errors = []
    for definition in definitions:
        spec = FEDERATION_DIRECTIVES[definition.name.removeprefix("federation__")]
        for why in _differences(state, definition, spec):
            local = state.local_directive_names.get(spec.short_name, spec.short_name)
            message = (
                f'The definition of "@{local}" differs from the specification: {why}. '
                "Correct it, or remove it: the specification's definition is known."
            )
            errors.append(
                state.error(codes.DIRECTIVE_DEFINITION_INVALID, message, definition.position)
            )
    return errors


def _differences(
    state: SubgraphState, definition: DirectiveDefinition, spec: DirectiveSpec
) -> Iterator[str]:
    expected = spec.arguments_in(state.version)
    for name, argument in expected.items():
        if name not in definition.arguments and argument.type.endswith("!"):
            yield f'its argument "{name}" is missing'
    for name, found in definition.arguments.items():
        if name not in expected:
            yield f'it has no argument "{name}"'
        else:
            yield from _argument_differences(state, found, expected[name])
    extra = sorted(set(definition.locations) - spec.locations_in(state.version))
    if extra:
        yield f"it cannot stand on {', '.join(extra)}"
    repeatable = spec.repeatable_in(state.version)
    if not state.is_federation_1 and definition.repeatable and not repeatable:
        yield "it is not repeatable"


def _argument_differences(
    state: SubgraphState, found: Argument, expected: ArgumentSpec
) -> Iterator[str]:
    if not _is_acceptable_type(found.type, expected.type):
        yield f'its argument "{found.name}" is of type "{expected.type}", not "{found.type}"'
    elif found.has_default and not values_equal(found.default, expected.default):
        yield (
            f'the default of its argument "{found.name}" is {print_value(expected.default)}, '
            f"not {print_value(found.default)}"
        )
    elif not found.has_default and expected.default is not None and not state.is_federation_1:
        yield f'its argument "{found.name}" has the default {print_value(expected.default)}'


def _is_acceptable_type(found: str, expected: str) -> bool:
    """Specification scalars may be written as any built-in one; required may be relaxed never."""
    if found == expected or (is_non_null(found) and nullable(found) == expected):
        return True
    if is_non_null(expected) and not is_non_null(found):
        return False
    inner_found, inner_expected = nullable(found), nullable(expected)
    if inner_found.startswith("[") and inner_expected.startswith("["):
        return _is_acceptable_type(inner_found[1:-1], inner_expected[1:-1])
    named = inner_found.strip("[]!")
    return inner_expected.startswith("federation__") and named in _BUILT_IN
