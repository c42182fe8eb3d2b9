"""Merge entity fetches of one wave that go to the same subgraph, wherever they stand.

They would run at the same time anyway; one request with several `_entities` selections costs the
subgraph, the wire and us less than several requests. A step that has to wait for two parents of
one wave waits for the slower one.
"""

from supergraph.planner.fetch.step import FetchGraph, FetchStep

__all__ = ["merge_same_wave"]


def merge_same_wave(graph: FetchGraph) -> None:
    """Merge until no two entity steps of one deferred part share subgraph and wave.

    A merge never changes a step's wave (both had the same), so one pass is enough.
    """
    depths = graph.depths()
    kept: dict[tuple[str, int, int], FetchStep] = {}
    replaced: dict[FetchStep, FetchStep] = {}
    for step in graph.steps:
        if not step.targets:
            continue  # root steps: the walk made one per subgraph, or their order matters
        first = kept.setdefault((step.subgraph, depths[step], step.part), step)
        if first is not step:
            first.absorb(step)
            replaced[step] = first
    if replaced:
        graph.replace(replaced)
