"""Every applied directive is known, may stand where it stands, and gets the arguments it takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.coerce import fits
from supergraph.composition.schema.elements import located_elements
from supergraph.composition.schema.model import AppliedDirective, Argument
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.catalog import FEDERATION_DIRECTIVES
from supergraph.federation.values import print_value

__all__ = ["applied_directives"]


@dataclass(frozen=True, slots=True)
class _Signature:
    """What is asked of the applications of one directive; `shown` is its name in messages."""

    shown: str
    arguments: Mapping[str, Argument]
    locations: frozenset[str]
    repeatable: bool


_BUILT_IN = {
    "deprecated": _Signature(
        "deprecated",
        {"reason": Argument("reason", type="String!", default="", has_default=True)},
        frozenset(
            {"ARGUMENT_DEFINITION", "ENUM_VALUE", "FIELD_DEFINITION", "INPUT_FIELD_DEFINITION"}
        ),
        repeatable=False,
    ),
    "specifiedBy": _Signature(
        "specifiedBy",
        {"url": Argument("url", type="String!")},
        frozenset({"SCALAR"}),
        repeatable=False,
    ),
}


def applied_directives(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each application that its directive does not allow."""
    signatures = _signatures(state)
    yield from _judge(state, signatures, "schema", state.schema.directives, "SCHEMA")
    for coordinate, element, location in located_elements(state.schema):
        if element.directives:
            yield from _judge(state, signatures, coordinate, element.directives, location)
    for definition in state.schema.directive_definitions.values():
        for argument in definition.arguments.values():
            coordinate = f"@{definition.name}({argument.name}:)"
            place = "ARGUMENT_DEFINITION"
            yield from _judge(state, signatures, coordinate, argument.directives, place)


def _signatures(state: SubgraphState) -> dict[str, _Signature]:
    signatures = dict(_BUILT_IN)
    for short, local in state.local_directive_names.items():
        spec = FEDERATION_DIRECTIVES[short]
        arguments = {
            name: Argument(
                name,
                type=argument.type,
                default=argument.default,
                has_default=argument.default is not None,
            )
            for name, argument in spec.arguments_in(state.version).items()
        }
        signatures[spec.name] = _Signature(
            local,
            arguments,
            spec.locations_in(state.version),
            spec.repeatable_in(state.version),
        )
    for definition in state.schema.directive_definitions.values():
        signatures[definition.name] = _Signature(
            definition.name,
            definition.arguments,
            frozenset(definition.locations),
            definition.repeatable,
        )
    return signatures


def _judge(
    state: SubgraphState,
    signatures: Mapping[str, _Signature],
    coordinate: str,
    applications: Sequence[AppliedDirective],
    location: str,
) -> Iterator[CompositionError]:
    seen: set[str] = set()
    for application in applications:
        signature = signatures.get(application.name)
        if signature is None:
            why = _unknown(state, application.name)
        elif location not in signature.locations:
            why = f'"@{signature.shown}" cannot stand on {location}'
        elif application.name in seen and not signature.repeatable:
            why = f'"@{signature.shown}" can be applied only once'
        else:
            for fault in _argument_faults(state, signature, application):
                yield _error(state, coordinate, fault, application)
            seen.add(application.name)
            continue
        yield _error(state, coordinate, why, application)


def _argument_faults(
    state: SubgraphState, signature: _Signature, application: AppliedDirective
) -> Iterator[str]:
    for name, value in application.arguments.items():
        argument = signature.arguments.get(name)
        if argument is None:
            yield f'"@{signature.shown}" has no argument "{name}"'
        elif not fits(state.schema.types, argument.type, value):
            yield (
                f'{print_value(value)} does not fit "@{signature.shown}({name}:)" of type '
                f'"{argument.type.replace("federation__", "")}"'
            )
    for name, argument in signature.arguments.items():
        if argument.required and name not in application.arguments:
            yield f'the argument "{name}" of "@{signature.shown}" is missing'


def _unknown(state: SubgraphState, name: str) -> str:
    spec = FEDERATION_DIRECTIVES.get(name)
    if spec is None:
        return f'"@{name}" is not defined'
    if state.is_federation_1:
        return (
            f'"@{name}" is not defined: to use the federation directive, add @link(url: '
            f'"https://specs.apollo.dev/federation/{spec.since}", import: ["@{name}"]) to the '
            "schema"
        )
    local = state.local_directive_names.get(name)
    if local is None:
        return f'"@{name}" is not defined: link federation {spec.since} or later to have it'
    return f'"@{name}" is not defined: write "@{local}", or import "@{name}"'


def _error(
    state: SubgraphState, coordinate: str, why: str, application: AppliedDirective
) -> CompositionError:
    return state.error(codes.INVALID_GRAPHQL, f'On "{coordinate}": {why}.', application.position)
