"""Refuse what would otherwise be composed wrongly."""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.elements import elements_with_coordinates
from supergraph.composition.schema.model import AppliedDirective
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.cache_tag import CACHE_TAG
from supergraph.federation.directives.context import CONTEXT
from supergraph.federation.directives.from_context import FROM_CONTEXT

__all__ = ["unsupported_feature"]

_UNSUPPORTED = {spec.name: spec.short_name for spec in (CACHE_TAG, CONTEXT, FROM_CONTEXT)}


def unsupported_feature(state: SubgraphState) -> list[CompositionError]:
    """Report every application of a directive that this version does not compose."""
    return [
        state.error(
            codes.UNSUPPORTED_FEATURE,
            f'"{coordinate}" uses @{_UNSUPPORTED[application.name]}, which is not supported yet.',
            application.position,
        )
        for coordinate, application in _applications(state)
        if application.name in _UNSUPPORTED
    ]


def _applications(state: SubgraphState) -> Iterator[tuple[str, AppliedDirective]]:
    for application in state.schema.directives:
        yield "schema", application
    for coordinate, element in elements_with_coordinates(state.schema):
        for application in element.directives:
            yield coordinate, application
