"""A field that several subgraphs resolve must be shareable in all of them."""

from collections.abc import Iterator, Sequence

from supergraph.composition.schema.model import ROOT_NAMES, Field
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.composition.supergraph.merge.override import Overrides
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.key import KEY

__all__ = ["invalid_field_sharing"]


def invalid_field_sharing(
    context: MergeContext,
    type_name: str,
    name: str,
    sources: Sequence[Source[Field]],
    overrides: Overrides,
) -> None:
    """Report the field unless at most one subgraph resolves it or all declare it shared."""
    coordinate = (type_name, name)
    resolving = [
        source
        for source in sources
        if not source.state.usage.is_fully_external(coordinate)
        and source.state.name not in overrides.used | overrides.unused
    ]
    if type_name == ROOT_NAMES["subscription"]:
        _refuse_shared_subscription(context, name, resolving)
    unshared = [s for s in resolving if coordinate not in s.state.usage.shareable]
    for source, interface in _abstracted_fields(context, type_name, name):
        if source.state.name in overrides.used | overrides.unused:
            continue
        resolving.append(source)
        if (interface, name) not in source.state.usage.shareable:
            unshared.append(source)
    if len(resolving) < 2 or not unshared:
        return
    context.error(
        codes.INVALID_FIELD_SHARING,
        f'"{type_name}.{name}" is resolved by {names_of(s for s, _ in resolving)} but not '
        f"@shareable in {names_of(s for s, _ in unshared)}: {_advice(coordinate, resolving)}.",
        resolving,
    )


def _abstracted_fields(
    context: MergeContext, type_name: str, name: str
) -> Iterator[tuple[Source[Field], str]]:
    """The field as interface objects resolve it for the type, with the interface's name."""
    for interface in context.schema.types[type_name].interfaces:
        for state in context.interface_objects.get(interface, ()):
            definition = state.schema.types[interface]
            if name in definition.fields and not state.usage.is_fully_external((interface, name)):
                yield Source(state, definition.fields[name]), interface


def _advice(coordinate: tuple[str, str], resolving: Sequence[Source[Field]]) -> str:
    """Where others have the field in a key, a forgotten key is the likelier mistake."""
    type_name = coordinate[0]
    keyed = [s.state for s in resolving if coordinate in s.state.usage.key_fields]
    definitions = [(s.state, s.state.schema.types.get(type_name)) for s in resolving]
    without = [
        state
        for state, definition in definitions
        if state not in keyed and definition is not None and not definition.has(KEY.name)
    ]
    if not keyed or not without:
        return "add @shareable there, or leave the field to one subgraph"
    return (
        f'it is in a @key of "{type_name}" in {names_of(keyed)}, so give "{type_name}" that @key '
        f"in {names_of(without)} too (or add @shareable to the field, if it is no entity there)"
    )


def _refuse_shared_subscription(
    context: MergeContext, name: str, sources: Sequence[Source[Field]]
) -> None:
    """A subscription is one stream from one subgraph; nobody could choose between two."""
    coordinate = (ROOT_NAMES["subscription"], name)
    shared = [s for s in sources if coordinate in s.state.usage.shareable]
    if shared:
        context.error(
            codes.INVALID_FIELD_SHARING,
            f'"Subscription.{name}" cannot be @shareable, as it is in '
            f"{names_of(s for s, _ in shared)}: leave the subscription to one subgraph.",
            shared,
        )
