"""Wherever a query meets a field that reads a context, a type above has set it.

Part of satisfiability (the code is the same), asked of the merged types: whether a context is set
depends on the types a query passes, not on the subgraphs that answer.
"""

from collections.abc import Iterator

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import Schema, TypeKind
from supergraph.composition.schema.type_ref import named_type
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.composition.supergraph.context import MergeContext
from supergraph.composition.supergraph.merge.context_arguments import context_arguments
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.context import CONTEXT

__all__ = ["context_not_reached"]


def context_not_reached(context: MergeContext) -> list[CompositionError]:
    """An error for each field with a context argument that some path reaches without it."""
    without: dict[str, set[str]] = {}
    errors = []
    for state in context.subgraphs:
        for type_name, field_name, name in _readings(context, state):
            if name not in without:
                without[name] = _reached_without(context.schema, name)
            if type_name not in without[name]:
                continue
            field = state.schema.types[type_name].fields[field_name]
            errors.append(
                state.error(
                    codes.SATISFIABILITY_ERROR,
                    f'"{type_name}.{field_name}" reads the context "{name.partition("__")[2]}", '
                    "which is not set on every way to it: put @context on a type that every query "
                    "passes before.",
                    field.position,
                )
            )
    return errors


def _readings(context: MergeContext, state: SubgraphState) -> Iterator[tuple[str, str, str]]:
    """Type, field and context wherever this subgraph alone resolves the field."""
    for definition in state.schema.of_kind(TypeKind.OBJECT):
        for field in definition.fields.values():
            arguments = context_arguments(state, field)
            if not arguments or _is_resolved_elsewhere(context, state, definition.name, field.name):
                continue
            for argument in arguments:
                if isinstance(argument, dict):
                    yield definition.name, field.name, str(argument["context"])


def _is_resolved_elsewhere(
    context: MergeContext, state: SubgraphState, type_name: str, field_name: str
) -> bool:
    for other in context.subgraphs:
        definition = other.schema.types.get(type_name)
        if other is state or definition is None or field_name not in definition.fields:
            continue
        if (type_name, field_name) not in other.usage.external:
            return True
    return False


def _reached_without(schema: Schema, name: str) -> set[str]:
    """The types that a query can reach before the context is set.

    A type that sets it is reached like that too: only what its fields lead to has the context. An
    object also sets what is set by its interfaces and by the unions it belongs to.
    """
    setters = {
        setter
        for definition in schema.types.values()
        if any(a.arguments.get("name") == name for a in definition.applied(_CONTEXT_IN_SUPERGRAPH))
        for setter in schema.possible_types(definition.name)
    }
    reached: set[str] = set()
    waiting = list(schema.roots.values())
    while waiting:
        definition = schema.types.get(waiting.pop())
        if definition is None or definition.name in reached:
            continue
        reached.add(definition.name)
        if definition.kind is not TypeKind.OBJECT:
            waiting += schema.possible_types(definition.name)
        elif definition.name not in setters:
            waiting += [named_type(field.type) for field in definition.fields.values()]
    return reached


#: Printing has given the directive its short name by the time this is asked.
_CONTEXT_IN_SUPERGRAPH = CONTEXT.short_name
