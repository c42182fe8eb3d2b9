"""What authorisation an interface asks for, given what its implementations ask for.

A query through an interface may meet any implementation, so the interface asks for everything that
any of them does; and a field that an interface object adds brings its demands to all of them.
"""

import json
from collections import defaultdict
from collections.abc import Iterable

from supergraph.composition.schema.model import (
    AppliedDirective,
    Element,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.supergraph.context import MergeContext
from supergraph.composition.supergraph.merge.argument_strategies import ARGUMENT_STRATEGIES
from supergraph.error_codes import hints
from supergraph.federation.directives.authenticated import AUTHENTICATED
from supergraph.federation.directives.policy import POLICY
from supergraph.federation.directives.requires_scopes import REQUIRES_SCOPES

__all__ = ["AUTHORISATION", "propagate_authorisation"]

AUTHORISATION = (AUTHENTICATED.name, POLICY.name, REQUIRES_SCOPES.name)


def propagate_authorisation(context: MergeContext) -> None:
    """Bring demands of interface objects down to implementations, and all of them up again."""
    interfaces = list(context.schema.of_kind(TypeKind.INTERFACE))
    implementations: defaultdict[str, list[TypeDefinition]] = defaultdict(list)
    for definition in context.schema.of_kind(TypeKind.OBJECT):
        for name in definition.interfaces:
            implementations[name].append(definition)
    for interface in interfaces:
        for field in interface.fields.values():
            for implementation in implementations[interface.name]:
                if field.name in implementation.fields:
                    at = f"{implementation.name}.{field.name}"
                    _demand(context, at, implementation.fields[field.name], [field])
    for interface in interfaces:
        _demand(context, interface.name, interface, implementations[interface.name])
        for field in interface.fields.values():
            at = f"{interface.name}.{field.name}"
            _demand(context, at, field, _versions(implementations[interface.name], field.name))


def _versions(implementations: Iterable[TypeDefinition], name: str) -> list[Element]:
    return [o.fields[name] for o in implementations if name in o.fields]


def _demand(
    context: MergeContext, coordinate: str, element: Element, others: Iterable[Element]
) -> None:
    """Make the element ask for what it does and for what each of the others does."""
    others = list(others)
    for name in AUTHORISATION:
        applications = [a for other in (element, *others) for a in other.applied(name)]
        if not applications:
            continue
        merged = AppliedDirective(name)
        for argument, strategy in ARGUMENT_STRATEGIES.get(name, {}).items():
            merged.arguments[argument] = strategy([a.arguments[argument] for a in applications])
        if len({json.dumps(application.arguments) for application in applications}) > 1:
            context.hint(
                hints.MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS,
                f'"{coordinate}" asks for all that the types behind it ask for with '
                f'"@{name.removeprefix("federation__")}".',
                (),
            )
        element.directives = [d for d in element.directives if d.name != name]
        element.directives.append(merged)
