"""Merge entity fetches of one wave that go to the same place of the same subgraph.

They would run at the same time anyway, so one request for both is never later than two. Steps of
different waves are left apart: the earlier one would have to wait.
"""

from supergraph.planner.fetch.step import FetchGraph, FetchStep
from supergraph.planner.plan_nodes import FlattenPath

__all__ = ["merge_same_wave"]


def merge_same_wave(graph: FetchGraph) -> None:
    """Merge until no two steps share subgraph, path and wave.

    A merge never changes a step's wave (both had the same), so one pass is enough.
    """
    depths = graph.depth_of()
    kept: dict[tuple[str, FlattenPath, int], FetchStep] = {}
    replaced: dict[FetchStep, FetchStep] = {}
    for step in graph.steps:
        place = (step.subgraph, step.path, depths[step])
        if not step.requires:
            continue  # root steps: the walk made one per subgraph, or their order matters
        first = kept.setdefault(place, step)
        if first is not step:
            _absorb(first, step)
            replaced[step] = first
    if not replaced:
        return
    for step in graph.steps:
        step.parents = {replaced.get(parent, parent) for parent in step.parents}
    graph.steps = sorted(
        (step for step in graph.steps if step not in replaced), key=lambda step: depths[step]
    )


def _absorb(first: FetchStep, other: FetchStep) -> None:
    first.parents |= other.parents
    first.selection.absorb(other.selection)
    for type_name, required in other.requires.items():
        own = first.requires.setdefault(type_name, [])
        own.extend(selection for selection in required if selection not in own)
