"""Labels of progressive `@override`: which are active for one request.

The configuration decides, and where it says nothing, the label itself ("percent(5)"). A request
draws one number for all of its percentages, so that a label with a smaller one is active only where
those with a larger one are: k labels make k + 1 different plans of an operation, not 2^k. A user
stage may change the decision; see `Operation.active_labels`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from supergraph.federation.override_labels import percent_of
from supergraph.stages.request import Operation
from supergraph.stages.supergraph import Supergraph

__all__ = ["PLAN_VARIANTS_MAX", "Chance", "LabelDecider", "LabelUse", "label_use"]

#: Plans of one operation that are kept for different sets of active labels. Further sets, which
#: only a user stage that mixes many labels can make, are planned for each request anew.
PLAN_VARIANTS_MAX = 64

#: Draws a number from 0 up to, and without, 1.
Chance: TypeAlias = Callable[[], float]


@dataclass(frozen=True, slots=True)
class LabelUse:
    """The labels that one operation depends on, and the sets of them that plans are kept for."""

    labels: frozenset[str] = frozenset()
    _kept: set[frozenset[str]] = field(default_factory=set)

    def admit(self, active: frozenset[str]) -> bool:
        """Whether the plan for these active labels may be kept: the first PLAN_VARIANTS_MAX may."""
        if active not in self._kept and len(self._kept) < PLAN_VARIANTS_MAX:
            self._kept.add(active)
        return active in self._kept


_NO_LABELS = LabelUse()


def label_use(operation: Operation, supergraph: Supergraph) -> LabelUse:
    """What the operation's plans depend on, from the cache when it was asked before."""
    if not supergraph.planner.override_labels:
        return _NO_LABELS
    text = operation.document.text
    key = (text, operation.name)
    use = supergraph.label_uses.get(key)
    if use is None:
        use = LabelUse(supergraph.planner.labels_used(operation.document.node, operation.name))
        supergraph.label_uses.put(key, use, weight=len(text))
    return use


class LabelDecider:
    """Decides by configuration and chance; holds no state of requests."""

    def __init__(self, configured: Mapping[str, bool | float], chance: Chance) -> None:
        self._configured = configured
        self._chance = chance

    def decide(self, operation: Operation, supergraph: Supergraph) -> Operation:
        """The operation with its active labels."""
        labels = label_use(operation, supergraph).labels
        if not labels:
            return operation
        drawn = self._chance() * 100
        active = frozenset(label for label in labels if self._share(label) > drawn)
        return replace(operation, active_labels=active)

    def _share(self, label: str) -> float:
        """For what percentage of requests the label is active."""
        configured = self._configured.get(label)
        if isinstance(configured, bool):
            return 100.0 if configured else 0.0
        return configured if configured is not None else percent_of(label) or 0.0
