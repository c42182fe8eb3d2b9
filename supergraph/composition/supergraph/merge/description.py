"""Merging descriptions: the one that most subgraphs have."""

from collections import Counter
from collections.abc import Sequence

from supergraph.composition.schema.model import Element
from supergraph.composition.supergraph.context import ElementT, MergeContext, Source
from supergraph.error_codes import hints

__all__ = ["merge_description"]


def merge_description(
    context: MergeContext, merged: Element, sources: Sequence[Source[ElementT]], coordinate: str
) -> None:
    """Take the most frequent description, the first of several as frequent."""
    given = [source for source in sources if source.element.description]
    if not given:
        return
    counts = Counter(source.element.description for source in given)
    merged.description = counts.most_common(1)[0][0]
    if len(counts) > 1:
        context.hint(
            hints.INCONSISTENT_DESCRIPTION,
            f'"{coordinate}" has different descriptions in its subgraphs.',
            given,
        )
