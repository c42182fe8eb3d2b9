"""A type that is extended must be defined somewhere."""

from supergraph.composition.schema.model import ROOT_NAMES, TypeDefinition
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.error_codes import composition as codes

__all__ = ["extension_with_no_base"]


def extension_with_no_base(context: MergeContext) -> None:
    """Report every type that has extensions only, in all subgraphs that know it."""
    versions: dict[str, list[Source[TypeDefinition]]] = {}
    for state in context.subgraphs:
        for definition in state.schema.types.values():
            versions.setdefault(definition.name, []).append(Source(state, definition))
    for name, sources in sorted(versions.items()):
        if name in ROOT_NAMES.values() or any(s.element.is_defined for s in sources):
            continue
        context.error(
            codes.EXTENSION_WITH_NO_BASE,
            f'"{name}" is only extended, in {names_of(s for s, _ in sources)}, and defined '
            "nowhere: leave out the word extend in the subgraph that owns it.",
            sources,
        )
