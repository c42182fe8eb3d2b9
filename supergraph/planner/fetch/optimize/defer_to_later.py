"""Let a fetch wait for a later one of the same entities, when nothing waits for its data.

Fields of an entity that need nothing are fetched a wave before those of the same subgraph that
need inputs from elsewhere (`@requires`). The response has to wait for the later request anyway, so
the earlier one is saved by asking for everything in the later.
"""

from supergraph.planner.fetch.step import FetchGraph, FetchStep

__all__ = ["defer_to_later"]


def defer_to_later(graph: FetchGraph) -> None:
    """Move targets of steps without children into a later step with the same subgraph and path."""
    depths = graph.depths()
    awaited = {parent for step in graph.steps for parent in step.parents}
    replaced: dict[FetchStep, FetchStep] = {}
    for step in graph.steps:
        if not step.targets or step in awaited:
            continue
        later = _later(step, graph.steps, depths)
        if later is not None:
            later.absorb(step)
            replaced[step] = later
    if replaced:
        graph.replace(replaced)


def _later(
    step: FetchStep, steps: list[FetchStep], depths: dict[FetchStep, int]
) -> FetchStep | None:
    """The first later step of the same deferred part that has every path of this one."""
    paths = {target.path for target in step.targets}
    for other in steps:
        if (
            (other.subgraph, other.part) == (step.subgraph, step.part)
            and depths[other] > depths[step]
            and paths <= {target.path for target in other.targets}
        ):
            return other
    return None
