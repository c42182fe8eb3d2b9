"""Directives that the subgraphs define themselves: which of them the supergraph keeps."""

from supergraph.composition.schema.model import AppliedDirective
from supergraph.composition.supergraph.context import MergeContext

__all__ = ["merge_own_directives"]


def merge_own_directives(context: MergeContext) -> list[AppliedDirective]:
    """Merge their definitions; returns the links of those that were asked to be composed."""
    return []
