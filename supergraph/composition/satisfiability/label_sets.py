"""The sets of active override labels that satisfiability is checked with."""

from collections.abc import Collection
from itertools import combinations

__all__ = ["ALL_SETS_LABELS_MAX", "LABEL_SETS_MAX", "label_sets"]

#: With up to this many labels every set is checked.
ALL_SETS_LABELS_MAX = 4
#: Sets checked of more labels: none, all, each alone, all but one, until there are so many.
LABEL_SETS_MAX = 32


def label_sets(labels: Collection[str]) -> list[frozenset[str]]:
    """The sets, the one in which no label is active first."""
    names = sorted(labels)
    every = frozenset(names)
    if len(names) <= ALL_SETS_LABELS_MAX:
        sizes = range(len(names) + 1)
        return [frozenset(chosen) for size in sizes for chosen in combinations(names, size)]
    alone = [frozenset({name}) for name in names]
    without = [every - {name} for name in names]
    return [frozenset(), every, *alone, *without][:LABEL_SETS_MAX]
