"""`@override`: which subgraph's version of a field no longer counts.

The version that is taken over stays in the supergraph when its subgraph still needs it, for a key,
a requirement or an interface (`usedOverridden`), or while a label decides by request.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from supergraph.composition.schema.model import Field, TypeDefinition, TypeKind
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.composition.supergraph.context import MergeContext, Source
from supergraph.error_codes import composition as codes
from supergraph.error_codes import hints
from supergraph.federation.directives.interface_object import INTERFACE_OBJECT
from supergraph.federation.directives.override import OVERRIDE
from supergraph.federation.directives.provides import PROVIDES
from supergraph.federation.directives.requires import REQUIRES

__all__ = ["Overrides", "judge_overrides"]

_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-:./]*")
_PERCENT = re.compile(r"percent\((\d{1,2}(\.\d{1,8})?|100)\)")


@dataclass(slots=True)
class Overrides:
    """Names of subgraphs whose version of one field is overridden, and the labels that decide."""

    used: set[str] = field(default_factory=set)
    unused: set[str] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)

    def replaces(self, state: SubgraphState) -> bool:
        """Whether the subgraph's version is gone for good."""
        return state.name in self.unused and state.name not in self.labels


def judge_overrides(
    context: MergeContext, type_name: str, name: str, sources: Sequence[Source[Field]]
) -> Overrides:
    """Apply every `@override` on one field."""
    overrides = Overrides()
    by_name = {state.name: Source(state, element) for state, element in sources}
    for source in sources:
        if source.element.has(OVERRIDE.name):
            _judge(context, overrides, source, by_name, f"{type_name}.{name}")
    return overrides


def _judge(
    context: MergeContext,
    overrides: Overrides,
    source: Source[Field],
    by_name: dict[str, Source[Field]],
    coordinate: str,
) -> None:
    state, element = source
    arguments = element.applied(OVERRIDE.name)[0].arguments
    origin, label = str(arguments.get("from")), arguments.get("label")
    parent = state.schema.types[coordinate.partition(".")[0]]
    if _is_interface(parent):
        context.error(
            codes.OVERRIDE_ON_INTERFACE,
            f'"{coordinate}" in "{state.name}" cannot be overridden: @override works on fields of '
            "object types, not of interfaces.",
            [source],
        )
        return
    if origin == state.name:
        context.error(
            codes.OVERRIDE_FROM_SELF_ERROR,
            f'"{coordinate}" in "{state.name}" overrides itself: "from" must name the subgraph '
            "the field moves away from.",
            [source],
        )
        return
    if not any(other.name == origin for other in context.subgraphs):
        context.hint(
            hints.FROM_SUBGRAPH_DOES_NOT_EXIST,
            f'"{coordinate}" in "{state.name}" overrides the subgraph "{origin}", which does not '
            "exist.",
            [source],
        )
        return
    overridden = by_name.get(origin)
    if overridden is None and _abstracts(context, origin, coordinate):
        context.error(
            codes.OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE,
            f'"{coordinate}" in "{state.name}" cannot override "{origin}", which resolves it for '
            "all implementations by an @interfaceObject: remove the field there.",
            [source],
        )
        return
    if overridden is None:
        context.hint(
            hints.OVERRIDE_DIRECTIVE_CAN_BE_REMOVED,
            f'"{coordinate}" is no longer in "{origin}": its @override in "{state.name}" can be '
            "removed.",
            [source],
        )
        return
    _replace(context, overrides, source, overridden, coordinate, label)


def _abstracts(context: MergeContext, origin: str, coordinate: str) -> bool:
    """Whether the subgraph resolves the field by an interface object of one of its interfaces."""
    type_name, _, name = coordinate.partition(".")
    state = next(other for other in context.subgraphs if other.name == origin)
    return any(
        other is state and name in other.schema.types[interface].fields
        for interface in context.schema.types[type_name].interfaces
        for other in context.interface_objects.get(interface, ())
    )


def _replace(
    context: MergeContext,
    overrides: Overrides,
    source: Source[Field],
    overridden: Source[Field],
    coordinate: str,
    label: object,
) -> None:
    type_name, _, name = coordinate.partition(".")
    if overridden.element.has(OVERRIDE.name):
        context.error(
            codes.OVERRIDE_SOURCE_HAS_OVERRIDE,
            f'"{coordinate}" in "{source.state.name}" overrides "{overridden.state.name}", whose '
            "own version is an override too: remove one of the two @override.",
            [source, overridden],
        )
        return
    collision = _collision(source, overridden, (type_name, name))
    if collision:
        context.error(
            codes.OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE,
            f'"{coordinate}" cannot move from "{overridden.state.name}" to "{source.state.name}": '
            f"{collision}.",
            [source, overridden],
        )
        return
    if label is not None and not _is_label(str(label)):
        context.error(
            codes.OVERRIDE_LABEL_INVALID,
            f'The label "{label}" of the @override on "{coordinate}" in "{source.state.name}" is '
            "not valid: begin with a letter and go on with letters, digits or any of _-:./, or "
            'write "percent(x)" with x from 0 to 100.',
            [source],
        )
        label = None
    _record(context, overrides, source, overridden, (type_name, name), labelled=label is not None)
    if label is not None:
        overrides.labels[source.state.name] = str(label)
        overrides.labels[overridden.state.name] = str(label)
        context.hint(
            hints.OVERRIDE_MIGRATION_IN_PROGRESS,
            f'"{coordinate}" is moving from "{overridden.state.name}" to "{source.state.name}".',
            [source, overridden],
        )


def _record(
    context: MergeContext,
    overrides: Overrides,
    source: Source[Field],
    overridden: Source[Field],
    coordinate: tuple[str, str],
    *,
    labelled: bool,
) -> None:
    origin = overridden.state
    text = ".".join(coordinate)
    if coordinate in origin.usage.external:
        context.hint(
            hints.OVERRIDE_DIRECTIVE_CAN_BE_REMOVED,
            f'"{text}" is external in "{origin.name}": its @override in "{source.state.name}" has '
            "no effect.",
            [source, overridden],
        )
        return
    used = coordinate in origin.usage.used
    (overrides.used if used else overrides.unused).add(origin.name)
    if labelled:
        return  # Both versions are in use until the migration is over.
    context.hint(
        hints.OVERRIDDEN_FIELD_CAN_BE_REMOVED,
        f'"{text}" in "{origin.name}" is overridden by "{source.state.name}"'
        + (" but still used there." if used else " and can be removed there."),
        [overridden],
    )


def _collision(
    source: Source[Field], overridden: Source[Field], coordinate: tuple[str, str]
) -> str | None:
    for spec in (REQUIRES, PROVIDES):
        if overridden.element.has(spec.name):
            return (
                f'it has @{spec.short_name} in "{overridden.state.name}"; move what it needs first'
            )
    if coordinate in source.state.usage.external:
        return f'it is @external in "{source.state.name}", so it would not be resolved there'
    return None


def _is_label(label: str) -> bool:
    return bool(_LABEL.fullmatch(label) or _PERCENT.fullmatch(label))


def _is_interface(definition: TypeDefinition) -> bool:
    return definition.kind is TypeKind.INTERFACE or definition.has(INTERFACE_OBJECT.name)
