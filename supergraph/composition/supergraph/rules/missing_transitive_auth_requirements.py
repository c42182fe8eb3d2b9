"""A field that needs other fields' data must ask for at least the authorisation they ask for.

Otherwise its value would leak what the caller may not see: the gateway fetches what `@requires`
names on behalf of the field, whoever asks.
"""

from collections.abc import Iterable, Iterator
from typing import cast

from supergraph.composition.schema.model import Element, Field, Schema, TypeKind
from supergraph.composition.schema.type_ref import named_type
from supergraph.composition.subgraph.field_usage import field_set_text
from supergraph.composition.supergraph.context import MergeContext, Source
from supergraph.composition.supergraph.merge.argument_strategies import all_of_each
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.authenticated import AUTHENTICATED
from supergraph.federation.directives.context import CONTEXT
from supergraph.federation.directives.from_context import FROM_CONTEXT, read_context
from supergraph.federation.directives.policy import POLICY
from supergraph.federation.directives.requires import REQUIRES
from supergraph.federation.directives.requires_scopes import REQUIRES_SCOPES
from supergraph.federation.field_set import FieldSetError, Selection, parse_field_set

__all__ = ["missing_transitive_auth_requirements"]

_ALTERNATIVES = {REQUIRES_SCOPES.name: "scopes", POLICY.name: "policies"}


def missing_transitive_auth_requirements(context: MergeContext) -> None:
    """Report every required field whose authorisation the requiring field does not imply."""
    for state in context.subgraphs:
        for definition in state.schema.of_kind(TypeKind.OBJECT):
            merged = context.schema.types[definition.name]
            for field in definition.fields.values():
                _judge_contexts(context, Source(state, field), definition.name)
                for requires in field.applied(REQUIRES.name):
                    text = field_set_text(requires.arguments.get("fields"))
                    own = [merged, merged.fields[field.name]]
                    for missing in _missing(context.schema, definition.name, text, own):
                        context.error(
                            codes.MISSING_TRANSITIVE_AUTH_REQUIREMENTS,
                            f'"{definition.name}.{field.name}" in "{state.name}" requires '
                            f'"{missing}", whose authorisation it does not ask for itself: apply '
                            "the same @authenticated, @requiresScopes or @policy to it.",
                            [Source(state, field)],
                        )


def _judge_contexts(context: MergeContext, source: Source[Field], type_name: str) -> None:
    """A context is data too: of the types that set it, and of what is selected on them."""
    state, field = source
    reads = [
        read
        for argument in field.arguments.values()
        for application in argument.applied(FROM_CONTEXT.name)
        if (read := read_context(application.arguments.get("field"))) is not None
    ]
    merged = context.schema.types[type_name]
    own = [merged, merged.fields[field.name]] if reads else []
    for name, selection in reads:
        for setter in state.schema.types.values():
            if not any(a.arguments.get("name") == name for a in setter.applied(CONTEXT.name)):
                continue
            missing = list(_missing(context.schema, setter.name, selection, own))
            if not _implies(own, context.schema.types[setter.name]):
                missing.append(setter.name)
            for coordinate in missing:
                context.error(
                    codes.MISSING_TRANSITIVE_AUTH_REQUIREMENTS,
                    f'"{type_name}.{field.name}" in "{state.name}" reads "{coordinate}" by the '
                    f'context "{name}", whose authorisation it does not ask for itself: apply the '
                    "same @authenticated, @requiresScopes or @policy to it.",
                    [source],
                )


def _missing(schema: Schema, parent: str, text: str | None, own: list[Element]) -> Iterator[str]:
    try:
        selections = parse_field_set(text or "")
    except FieldSetError:
        return
    for coordinate, elements in _needed(schema, parent, selections):
        if not all(_implies(own, element) for element in elements):
            yield coordinate


def _needed(
    schema: Schema, parent: str, selections: Iterable[Selection]
) -> Iterator[tuple[str, list[Element]]]:
    definition = schema.types.get(parent)
    for selection in selections:
        if selection.field is None:
            narrowed = selection.type_condition or parent
            if narrowed in schema.types:
                yield narrowed, [schema.types[narrowed]]
            yield from _needed(schema, narrowed, selection.selections)
            continue
        field = definition.fields.get(selection.field) if definition is not None else None
        if field is None:
            continue
        target = schema.types.get(named_type(field.type))
        yield f"{parent}.{field.name}", [field] if target is None else [field, target]
        yield from _needed(schema, named_type(field.type), selection.selections)


def _implies(own: Iterable[Element], needed: Element) -> bool:
    """Whether a caller who satisfies all of `own` satisfies `needed`."""
    elements = list(own)
    if needed.has(AUTHENTICATED.name) and not any(e.has(AUTHENTICATED.name) for e in elements):
        return False
    for name, argument in _ALTERNATIVES.items():
        satisfied = all_of_each(
            _alternatives(a.arguments.get(argument)) for e in elements for a in e.applied(name)
        )
        for application in needed.applied(name):
            wanted = _alternatives(application.arguments.get(argument))
            if not all(any(have >= one for one in wanted) for have in satisfied):
                return False
    return True


def _alternatives(value: object) -> list[frozenset[str]]:
    return [frozenset(one) for one in cast(list[list[str]], value or [])]
