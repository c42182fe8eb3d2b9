"""A directive that reaches the supergraph has one name there, so it has one name everywhere."""

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.elements import elements_of
from supergraph.composition.supergraph.context import MergeContext
from supergraph.composition.supergraph.merge.directives import MERGED_FEDERATION_DIRECTIVES
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.cache_tag import CACHE_TAG

__all__ = ["link_import_name_mismatch"]


def link_import_name_mismatch(context: MergeContext) -> None:
    """Report merged federation directives that are applied under different names."""
    names: dict[str, dict[str, list[str]]] = {}
    for state in context.subgraphs:
        used = {d.name for element in elements_of(state.schema) for d in element.directives}
        for full in sorted(used & (MERGED_FEDERATION_DIRECTIVES | {CACHE_TAG.name})):
            short = full.removeprefix("federation__")
            local = state.local_directive_names.get(short, short)
            names.setdefault(short, {}).setdefault(local, []).append(state.name)
    for short, by_local in sorted(names.items()):
        if len(by_local) < 2:
            continue
        described = ", ".join(
            f'"@{local}" in {", ".join(states)}' for local, states in sorted(by_local.items())
        )
        context.errors.append(
            CompositionError(
                codes.LINK_IMPORT_NAME_MISMATCH,
                f'"@{short}" is called {described}: import it under one name everywhere.',
                tuple(sorted(name for states in by_local.values() for name in states)),
            )
        )
