"""Merging unions: every member of any subgraph."""

from collections.abc import Sequence

from supergraph.composition.schema.model import AppliedDirective, TypeDefinition
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.error_codes import hints

__all__ = ["merge_union"]


def merge_union(
    context: MergeContext, merged: TypeDefinition, sources: Sequence[Source[TypeDefinition]]
) -> None:
    """Fill the members and record who has which."""
    for state, definition in sources:
        for member in definition.members:
            if member not in merged.members:
                merged.members.append(member)
            arguments = {"graph": context.graph(state), "member": member}
            merged.directives.append(AppliedDirective("join__unionMember", {**arguments}))
    for member in merged.members:
        without = [state for state, d in sources if member not in d.members]
        if without:
            context.hint(
                hints.INCONSISTENT_UNION_MEMBER,
                f'The union "{merged.name}" has no member "{member}" in {names_of(without)}.',
                sources,
            )
