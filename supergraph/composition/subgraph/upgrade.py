"""Federation 1 subgraphs become federation 2 ones, with the meaning they had.

Federation 1 had no `@shareable` and took `@external` lightly. The upgrade says in federation 2's
words what the schema meant: key fields of an extension are resolved by it, unused externals are
noise, and a type that several subgraphs define is shared.
"""

from collections.abc import Sequence

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import (
    AppliedDirective,
    Field,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.schema.type_ref import named_type
from supergraph.composition.subgraph.field_usage import (
    compute_field_usage,
    field_set_text,
    selected_fields,
)
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.extends import EXTENDS
from supergraph.federation.directives.external import EXTERNAL
from supergraph.federation.directives.key import KEY
from supergraph.federation.directives.provides import PROVIDES
from supergraph.federation.directives.requires import REQUIRES
from supergraph.federation.directives.shareable import SHAREABLE
from supergraph.federation.directives.tag import TAG
from supergraph.federation.field_set import (
    FieldSetError,
    Selection,
    parse_field_set,
    print_field_set,
)
from supergraph.federation.values import ConstValue

__all__ = ["upgrade_federation_1"]


def upgrade_federation_1(states: Sequence[SubgraphState]) -> list[CompositionError]:
    """Upgrade, in place, every federation 1 subgraph among `states`."""
    old = [state for state in states if state.is_federation_1]
    errors: list[CompositionError] = []
    for state in old:
        errors += _extension_with_no_base(state, states)
    if errors:
        return errors
    original_keys = {state.name: set(state.usage.key_fields) for state in old}
    for state in old:
        errors += _clean(state, states)
    for state in old:
        _forget_extensions(state)
        _add_shareable(state, states, original_keys[state.name])
        state.usage = compute_field_usage(state.schema)
    return errors


def _is_extension(definition: TypeDefinition) -> bool:
    return not definition.is_defined or definition.has(EXTENDS.name)


def _extension_with_no_base(
    state: SubgraphState, states: Sequence[SubgraphState]
) -> list[CompositionError]:
    roots = set(state.schema.roots.values())
    errors = []
    for definition in state.schema.types.values():
        if not _is_extension(definition) or definition.name in roots:
            continue
        others = (other.schema.types.get(definition.name) for other in states if other is not state)
        if any(other is not None and other.is_defined for other in others):
            continue
        errors.append(
            state.error(
                codes.EXTENSION_WITH_NO_BASE,
                f'"{definition.name}" is extended here but no subgraph defines it: write '
                f'"type {definition.name}" in the subgraph that owns it.',
                definition.position,
            )
        )
    return errors


def _clean(state: SubgraphState, states: Sequence[SubgraphState]) -> list[CompositionError]:
    for definition in state.schema.of_kind(TypeKind.INTERFACE):
        if definition.has(KEY.name):
            state.dropped_interface_keys.add(definition.name)
        _clean_interface(definition)
    for definition in state.schema.of_kind(TypeKind.OBJECT):
        definition.directives = [d for d in definition.directives if d.name != EXTERNAL.name]
        if _is_extension(definition):
            _resolve_extension_keys(state, definition, states)
    for definition in state.schema.of_kind(TypeKind.OBJECT):
        for item in definition.fields.values():
            _drop_inactive_field_sets(state, definition, item)
    state.usage = compute_field_usage(state.schema)
    errors = _drop_unused_externals(state)
    state.usage = compute_field_usage(state.schema)
    for type_name, field_name in state.usage.external:
        item = state.schema.types[type_name].fields[field_name]
        elsewhere = _tags_elsewhere(state, states, type_name, field_name)
        item.directives = [
            d for d in item.directives if d.name != TAG.name or d.arguments not in elsewhere
        ]
    return errors


def _tags_elsewhere(
    state: SubgraphState, states: Sequence[SubgraphState], type_name: str, field_name: str
) -> list[dict[str, ConstValue]]:
    """What the field is tagged with where it is resolved: there the tag is not lost."""
    found = []
    for other in states:
        definition = other.schema.types.get(type_name)
        item = definition.fields.get(field_name) if definition is not None else None
        if other is not state and item is not None and not item.has(EXTERNAL.name):
            found += [tag.arguments for tag in item.applied(TAG.name)]
    return found


def _clean_interface(definition: TypeDefinition) -> None:
    """On interfaces federation 1 ignored what federation 2 gives a meaning or refuses."""
    definition.directives = [d for d in definition.directives if d.name != KEY.name]
    ignored = {EXTERNAL.name, PROVIDES.name, REQUIRES.name}
    for item in definition.fields.values():
        item.directives = [d for d in item.directives if d.name not in ignored]


def _resolve_extension_keys(
    state: SubgraphState, definition: TypeDefinition, states: Sequence[SubgraphState]
) -> None:
    """An extension resolves its key fields; where it names no key, those of the type's owners.

    Fields below them (`key { id }`) belong to other types, which say themselves what they resolve.
    """
    keys = definition.applied(KEY.name)
    if not keys:
        for owner in (o.schema.types.get(definition.name) for o in states if o is not state):
            if owner is not None:
                keys += owner.applied(KEY.name)[:1]
    for key in keys:
        text = field_set_text(key.arguments.get("fields"))
        for parent, item in selected_fields(state.schema, definition.name, text):
            if parent is definition:
                item.directives = [d for d in item.directives if d.name != EXTERNAL.name]


def _drop_inactive_field_sets(
    state: SubgraphState, definition: TypeDefinition, item: Field
) -> None:
    """Requiring or providing a field that is not external had no effect."""
    kept = []
    for application in item.directives:
        if application.name == REQUIRES.name:
            parent = definition.name
        elif application.name == PROVIDES.name:
            parent = named_type(item.type)
            target = state.schema.types.get(parent)
            if target is None or not target.is_composite:
                continue
        else:
            kept.append(application)
            continue
        if _keep_external(state, parent, application):
            kept.append(application)
    item.directives = kept


def _keep_external(state: SubgraphState, parent: str, application: AppliedDirective) -> bool:
    text = field_set_text(application.arguments.get("fields"))
    try:
        selections = parse_field_set(text or "")
    except FieldSetError:
        return True
    if not _all_known(state, parent, selections):
        return True  # Left as it stands, for the rule about field sets to say what is wrong.
    kept = _external_selections(state, parent, selections)
    if kept != selections:
        application.arguments["fields"] = print_field_set(kept)
    return bool(kept)


def _all_known(state: SubgraphState, parent: str, selections: tuple[Selection, ...]) -> bool:
    definition = state.schema.types.get(parent)
    if definition is None:
        return False
    for selection in selections:
        below = selection.type_condition or parent
        if selection.field is not None and selection.field != "__typename":
            item = definition.fields.get(selection.field)
            if item is None:
                return False
            below = named_type(item.type)
        if selection.selections and not _all_known(state, below, selection.selections):
            return False
    return True


def _external_selections(
    state: SubgraphState, parent: str, selections: tuple[Selection, ...]
) -> tuple[Selection, ...]:
    kept = []
    definition = state.schema.types.get(parent)
    for selection in selections:
        item = definition.fields.get(selection.field or "") if definition is not None else None
        if item is not None and _is_external(state, definition, item):
            kept.append(selection)
            continue
        below = selection.type_condition or (named_type(item.type) if item is not None else parent)
        inner = _external_selections(state, below, selection.selections)
        if inner:
            kept.append(
                Selection(
                    selection.field,
                    selection.type_condition,
                    selection.alias,
                    selection.arguments,
                    selection.directives,
                    inner,
                )
            )
    return tuple(kept)


def _is_external(state: SubgraphState, parent: TypeDefinition | None, item: Field) -> bool:
    """Whether the field is external, or may be for some implementation of the interface."""
    if item.has(EXTERNAL.name):
        return True
    if parent is None or parent.kind is not TypeKind.INTERFACE:
        return False
    for name in state.schema.possible_types(parent.name):
        implemented = state.schema.types[name].fields.get(item.name)
        if implemented is not None and implemented.has(EXTERNAL.name):
            return True
    return False


def _drop_unused_externals(state: SubgraphState) -> list[CompositionError]:
    errors = []
    for definition in list(state.schema.of_kind(TypeKind.OBJECT)):
        had = len(definition.fields)
        for name in list(definition.fields):
            coordinate = (definition.name, name)
            if coordinate in state.usage.external and coordinate not in state.usage.used:
                del definition.fields[name]
        if not had or definition.fields:
            continue
        if not _is_referenced(state, definition.name):
            del state.schema.types[definition.name]
        else:
            errors.append(
                state.error(
                    codes.TYPE_WITH_ONLY_UNUSED_EXTERNAL,
                    f'"{definition.name}" has only external fields, and nothing uses them: remove '
                    "the type from this subgraph.",
                    definition.position,
                )
            )
    return errors


def _is_referenced(state: SubgraphState, name: str) -> bool:
    return name in state.schema.roots.values() or any(
        name in definition.members
        or any(named_type(item.type) == name for item in definition.fields.values())
        for definition in state.schema.types.values()
    )


def _forget_extensions(state: SubgraphState) -> None:
    """In federation 2 a type may be extended by anybody, so `extend` stops meaning anything."""
    for definition in state.schema.types.values():
        if definition.is_defined:
            continue
        definition.is_defined = True
        for application in definition.directives:
            application.part = 0
        for item in definition.fields.values():
            item.part = 0


def _add_shareable(
    state: SubgraphState,
    states: Sequence[SubgraphState],
    original_keys: set[tuple[str, str]],
) -> None:
    roots = {name: operation for operation, name in state.schema.roots.items()}
    for definition in state.schema.of_kind(TypeKind.OBJECT):
        if roots.get(definition.name) == "subscription":
            continue
        others = [o for o in states if o is not state and definition.name in o.schema.types]
        if not (definition.has(KEY.name) or definition.name in roots):
            if others and not definition.has(SHAREABLE.name):
                _share_definition(definition)
            continue
        for item in definition.fields.values():
            coordinate = (definition.name, item.name)
            if coordinate in original_keys or item.has(SHAREABLE.name):
                continue
            if any(_resolves(other, coordinate) for other in others):
                item.directives.append(AppliedDirective(SHAREABLE.name))


def _share_definition(definition: TypeDefinition) -> None:
    """Only what the definition itself declares: extensions of it were never value types."""
    definition.directives.append(AppliedDirective(SHAREABLE.name))


def _resolves(state: SubgraphState, coordinate: tuple[str, str]) -> bool:
    fields = state.schema.types[coordinate[0]].fields
    return coordinate[1] in fields and not state.usage.is_fully_external(coordinate)
