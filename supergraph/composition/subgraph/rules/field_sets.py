"""The field sets of `@key`, `@requires` and `@provides` select what exists and what they may.

One module for the three: the walk over a field set is the same, and the codes differ only in the
directive's name.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import (
    AppliedDirective,
    Field,
    Position,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.schema.type_ref import named_type
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.directives.key import KEY
from supergraph.federation.directives.provides import PROVIDES
from supergraph.federation.directives.requires import REQUIRES
from supergraph.federation.field_set import FieldSetError, Selection, parse_field_set
from supergraph.federation.versions import Version

__all__ = ["field_sets"]

_KEYS_ON_INTERFACES_SINCE = Version(2, 3)


@dataclass(frozen=True, slots=True)
class _Policy:
    """The codes of one directive, and what its field sets may select."""

    name: str
    short_name: str
    not_text: ErrorCode
    invalid: ErrorCode
    directive: ErrorCode
    has_arguments: ErrorCode | None = None
    not_external: ErrorCode | None = None
    wrong_type: ErrorCode | None = None


_KEY = _Policy(
    KEY.name,
    KEY.short_name,
    codes.KEY_INVALID_FIELDS_TYPE,
    codes.KEY_INVALID_FIELDS,
    codes.KEY_DIRECTIVE_IN_FIELDS_ARG,
    has_arguments=codes.KEY_FIELDS_HAS_ARGS,
    wrong_type=codes.KEY_FIELDS_SELECT_INVALID_TYPE,
)
_REQUIRES = _Policy(
    REQUIRES.name,
    REQUIRES.short_name,
    codes.REQUIRES_INVALID_FIELDS_TYPE,
    codes.REQUIRES_INVALID_FIELDS,
    codes.REQUIRES_DIRECTIVE_IN_FIELDS_ARG,
    not_external=codes.REQUIRES_FIELDS_MISSING_EXTERNAL,
)
_PROVIDES = _Policy(
    PROVIDES.name,
    PROVIDES.short_name,
    codes.PROVIDES_INVALID_FIELDS_TYPE,
    codes.PROVIDES_INVALID_FIELDS,
    codes.PROVIDES_DIRECTIVE_IN_FIELDS_ARG,
    has_arguments=codes.PROVIDES_FIELDS_HAS_ARGS,
    not_external=codes.PROVIDES_FIELDS_MISSING_EXTERNAL,
)


def field_sets(state: SubgraphState) -> Iterator[CompositionError]:
    """Yield an error for each field set that is malformed or selects what it must not."""
    for definition in state.schema.of_kind(TypeKind.OBJECT, TypeKind.INTERFACE):
        for key in definition.applied(KEY.name):
            yield from _judge_key(state, definition, key)
        for field in definition.fields.values():
            at = f"{definition.name}.{field.name}"
            for requires in field.applied(REQUIRES.name):
                yield from _judge_requires(state, definition, at, requires)
            for provides in field.applied(PROVIDES.name):
                yield from _judge_provides(state, definition, field, provides)


def _judge_key(
    state: SubgraphState, definition: TypeDefinition, key: AppliedDirective
) -> Iterator[CompositionError]:
    on_interface = definition.kind is TypeKind.INTERFACE and not state.is_federation_1
    if on_interface and state.version < _KEYS_ON_INTERFACES_SINCE:
        yield state.error(
            codes.KEY_UNSUPPORTED_ON_INTERFACE,
            f'The interface "{definition.name}" cannot have a @key in federation '
            f"{state.version}: link {_KEYS_ON_INTERFACES_SINCE} or later.",
            key.position,
        )
        return
    yield from _Walk(state, _KEY, f'"{definition.name}"', key).judge(definition.name)


def _judge_requires(
    state: SubgraphState, definition: TypeDefinition, at: str, requires: AppliedDirective
) -> Iterator[CompositionError]:
    if definition.kind is TypeKind.INTERFACE and not state.is_federation_1:
        message = f'"{at}" is a field of an interface, where @requires has no effect: remove it.'
        yield state.error(codes.REQUIRES_UNSUPPORTED_ON_INTERFACE, message, requires.position)
    yield from _Walk(state, _REQUIRES, f'"{at}"', requires).judge(definition.name)


def _judge_provides(
    state: SubgraphState, definition: TypeDefinition, field: Field, provides: AppliedDirective
) -> Iterator[CompositionError]:
    at = f"{definition.name}.{field.name}"
    if definition.kind is TypeKind.INTERFACE and not state.is_federation_1:
        message = f'"{at}" is a field of an interface, where @provides has no effect: remove it.'
        yield state.error(codes.PROVIDES_UNSUPPORTED_ON_INTERFACE, message, provides.position)
    if (definition.name, field.name) in state.usage.external:
        message = (
            f'"{at}" is @external, so this subgraph never resolves it and provides nothing with '
            "it: remove @provides, or @external."
        )
        yield state.error(
            codes.EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE, message, provides.position
        )
        return
    target = state.schema.types.get(named_type(field.type))
    if target is None or not target.is_composite:
        if not state.is_federation_1:
            message = (
                f'"{at}" returns "{field.type}", which has no fields to provide: remove @provides.'
            )
            yield state.error(codes.PROVIDES_ON_NON_OBJECT_FIELD, message, provides.position)
        return
    yield from _Walk(state, _PROVIDES, f'"{at}"', provides).judge(target.name)


@dataclass(slots=True)
class _Walk:
    """One field set being judged; `where` names the element that carries the directive."""

    state: SubgraphState
    policy: _Policy
    where: str
    application: AppliedDirective

    def judge(self, type_name: str) -> Iterator[CompositionError]:
        value = self.application.arguments.get("fields")
        if type(value) is not str:
            yield self._error(self.policy.not_text, 'the fields must be one string, like "id sku"')
            return
        try:
            selections = parse_field_set(value)
        except FieldSetError as error:
            yield self._error(self.policy.invalid, str(error).rstrip("."))
            return
        yield from self._selections(type_name, selections, external_above=False)

    def _selections(
        self, type_name: str, selections: tuple[Selection, ...], *, external_above: bool
    ) -> Iterator[CompositionError]:
        parent = self.state.schema.types.get(type_name)
        for selection in selections:
            if selection.directives:
                yield self._directive(selection.directives[0])
            if parent is None or not parent.is_composite:
                yield self._error(self.policy.invalid, f'there is no type "{type_name}"')
            elif selection.field is None:
                yield from self._selections(
                    selection.type_condition or type_name,
                    selection.selections,
                    external_above=external_above,
                )
            else:
                yield from self._field(parent, selection, selection.field, external_above)

    def _directive(self, name: str) -> CompositionError:
        known = name in self.state.schema.directive_definitions
        if known or name in self.state.local_directive_names.values():
            return self._error(
                self.policy.directive, f'a field set cannot apply directives, as "@{name}"'
            )
        return self._error(self.policy.invalid, f'there is no directive "@{name}"')

    def _field(
        self, parent: TypeDefinition, selection: Selection, name: str, external_above: bool
    ) -> Iterator[CompositionError]:
        if name == "__typename" and not selection.selections:
            return
        field = parent.fields.get(name)
        at = f"{parent.name}.{name}"
        if field is None:
            yield self._error(self.policy.invalid, f'"{parent.name}" has no field "{name}"')
            return
        if selection.alias is not None:
            yield self._error(
                self.policy.invalid, f'"{selection.alias}: {name}" renames: write "{name}"'
            )
            return
        missing = [a.name for a in field.arguments.values() if a.required]
        if missing and not selection.arguments:
            yield self._error(
                self.policy.invalid, f'"{at}" needs a value for its argument "{missing[0]}"'
            )
        elif self.policy.has_arguments and field.arguments:
            yield self._error(
                self.policy.has_arguments,
                f'"{at}" takes arguments and cannot be selected',
                field.position,
            )
        target = self.state.schema.types.get(named_type(field.type))
        if target is not None and target.is_composite:
            yield from self._composite(parent, field, target, selection, external_above)
        elif selection.selections:
            yield self._error(
                self.policy.invalid, f'"{at}" of type "{field.type}" has no fields to select'
            )
        elif not external_above:
            yield from self._leaf(parent, field)

    def _composite(
        self,
        parent: TypeDefinition,
        field: Field,
        target: TypeDefinition,
        selection: Selection,
        external_above: bool,
    ) -> Iterator[CompositionError]:
        at = f"{parent.name}.{field.name}"
        if self.policy.wrong_type and target.kind is not TypeKind.OBJECT:
            yield self._error(
                self.policy.wrong_type,
                f'"{at}" returns the {target.kind.value} "{target.name}"; a key can only go '
                "through object types",
                field.position,
            )
        elif not selection.selections:
            yield self._error(
                self.policy.invalid,
                f'"{at}" of type "{field.type}" needs a selection of its fields',
            )
        else:
            yield from self._selections(
                target.name,
                selection.selections,
                external_above=external_above or self._is_external(parent, field),
            )

    def _leaf(self, parent: TypeDefinition, field: Field) -> Iterator[CompositionError]:
        if self.policy.not_external is None or self.state.is_federation_1:
            return
        if (parent.name, field.name) not in self.state.usage.external:
            yield self._error(
                self.policy.not_external,
                f'"{parent.name}.{field.name}" is resolved in this subgraph; only a field that is '
                "@external here needs to be named",
                field.position,
            )

    def _is_external(self, parent: TypeDefinition, field: Field) -> bool:
        external = self.state.usage.external
        if (parent.name, field.name) in external:
            return True
        return parent.kind is TypeKind.INTERFACE and any(
            (name, field.name) in external for name in self.state.schema.possible_types(parent.name)
        )

    def _error(self, definition: ErrorCode, why: str, *more: Position | None) -> CompositionError:
        text = self.application.arguments.get("fields")
        shown = f'@{self.policy.short_name}(fields: "{text}")'
        return self.state.error(
            definition, f"On {self.where}, {shown}: {why}.", self.application.position, *more
        )
