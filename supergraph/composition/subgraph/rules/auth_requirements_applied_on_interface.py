"""Authorisation stands on what is resolved: objects and their fields, never on interfaces.

The fields of an interface object are resolved by their subgraph, so they may carry it; the
interface object itself is an interface to everybody else.
"""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import Element, TypeKind
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.authenticated import AUTHENTICATED
from supergraph.federation.directives.interface_object import INTERFACE_OBJECT
from supergraph.federation.directives.policy import POLICY
from supergraph.federation.directives.requires_scopes import REQUIRES_SCOPES

__all__ = ["auth_requirements_applied_on_interface"]

_AUTHORISATION = {s.name: s.short_name for s in (AUTHENTICATED, REQUIRES_SCOPES, POLICY)}


def auth_requirements_applied_on_interface(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each authorisation directive on an interface or a field of one."""
    for definition in state.schema.of_kind(TypeKind.INTERFACE, TypeKind.OBJECT):
        if definition.kind is TypeKind.INTERFACE or definition.has(INTERFACE_OBJECT.name):
            yield from _judge(state, definition.name, definition)
        if definition.kind is not TypeKind.INTERFACE:
            continue
        for field in definition.fields.values():
            yield from _judge(state, f"{definition.name}.{field.name}", field)


def _judge(state: SubgraphState, coordinate: str, element: Element) -> Iterator[CompositionError]:
    for application in element.directives:
        if application.name in _AUTHORISATION:
            yield state.error(
                codes.AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE,
                f'"{coordinate}" belongs to an interface and cannot carry '
                f"@{_AUTHORISATION[application.name]}: apply it to the implementations.",
                application.position,
            )
