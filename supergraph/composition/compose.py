"""Composition: subgraph schemas become a supergraph schema, or it is said why they cannot.

The phases run in this order, and a phase with errors is the last one: what follows would judge
schemas that are already known to be wrong.
"""

from collections.abc import Sequence

from supergraph.composition.result import (
    CompositionError,
    CompositionResult,
    Location,
    Subgraph,
)
from supergraph.composition.satisfiability.check import Locate, check_satisfiability
from supergraph.composition.subgraph.build import build_subgraph
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.composition.subgraph.upgrade import upgrade_federation_1
from supergraph.composition.subgraph.validate import (
    validate_federation_rules,
    validate_subgraph,
)
from supergraph.composition.supergraph.context import MergeContext
from supergraph.composition.supergraph.merge.composed_directive import merge_composed_directives
from supergraph.composition.supergraph.merge.executable_directive import (
    merge_executable_directives,
)
from supergraph.composition.supergraph.merge.schema import merge_types
from supergraph.composition.supergraph.print import print_supergraph
from supergraph.composition.supergraph.rules.context_not_reached import context_not_reached
from supergraph.composition.supergraph.rules.invalid_subgraph_name import invalid_subgraph_name
from supergraph.composition.supergraph.validate import (
    validate_before_merging,
    validate_merged_schema,
)
from supergraph.errors import SupergraphError
from supergraph.federation.garbage import collection_paused
from supergraph.federation.join import graph_enum_values
from supergraph.federation.supergraph_state import parse_supergraph

__all__ = ["ERRORS_MAX", "compose"]

#: More errors than these help nobody; the rest is cut.
ERRORS_MAX = 200


def compose(subgraphs: Sequence[Subgraph]) -> CompositionResult:
    """Compose subgraphs. Never raises for a bad schema; the order of subgraphs has no influence."""
    with collection_paused():
        return _compose(subgraphs)


def _compose(subgraphs: Sequence[Subgraph]) -> CompositionResult:
    ordered = sorted(subgraphs, key=lambda subgraph: subgraph.name)
    errors = invalid_subgraph_name(ordered)
    if errors:
        return _failed(errors)

    states, errors = _build(ordered)
    if errors:
        return _failed(errors)

    errors = upgrade_federation_1(states) or _validate_upgraded(states)
    if errors:
        return _failed(errors)

    context = MergeContext(states, graph_enum_values([state.name for state in states]))
    validate_before_merging(context)
    if context.errors:
        return _failed(context.errors, context)

    own_links = merge_composed_directives(context)
    merge_executable_directives(context)
    merge_types(context)
    if not context.errors:
        validate_merged_schema(context)
    if context.errors:
        return _failed(context.errors, context)

    sdl = print_supergraph(context, own_links)
    try:
        supergraph = parse_supergraph(sdl)
    except SupergraphError as error:
        # A name that the supergraph's own machinery needs, used by a subgraph for its own.
        return _failed([CompositionError(error.code, error.message)], context)
    errors, hints = check_satisfiability(supergraph, _locator(states))
    errors += context_not_reached(context)
    context.hints += hints
    if errors:
        return _failed(errors, context)
    return CompositionResult(sdl, hints=tuple(context.hints))


def _build(
    subgraphs: Sequence[Subgraph],
) -> tuple[list[SubgraphState], list[CompositionError]]:
    states: list[SubgraphState] = []
    errors: list[CompositionError] = []
    for subgraph in subgraphs:
        state, faults = build_subgraph(subgraph)
        if state is not None and not faults:
            faults = validate_subgraph(state)
            states.append(state)
        errors += faults
    return states, errors


def _validate_upgraded(states: Sequence[SubgraphState]) -> list[CompositionError]:
    return [
        error
        for state in states
        if state.is_federation_1
        for error in validate_federation_rules(state)
    ]


def _locator(states: Sequence[SubgraphState]) -> Locate:
    by_name = {state.name: state for state in states}

    def locate(subgraph: str, type_name: str, field: str) -> tuple[Location, ...]:
        state = by_name[subgraph]
        definition = state.schema.types.get(type_name)
        if definition is None:
            return ()
        return state.location((definition.fields.get(field) or definition).position)

    return locate


def _failed(
    errors: Sequence[CompositionError], context: MergeContext | None = None
) -> CompositionResult:
    unique = tuple(dict.fromkeys(errors))[:ERRORS_MAX]
    return CompositionResult(None, unique, tuple(context.hints) if context else ())
