"""Let a fetch wait for a later one of the same entities, when nothing waits for its data.

Fields of an entity that need nothing are fetched a wave before those of the same subgraph that
need inputs from elsewhere (`@requires`). The response has to wait for the later request anyway, so
the earlier one is saved by asking for everything in the later.
"""

from typing import TypeAlias

from supergraph.names import SubgraphName
from supergraph.planner.fetch.step import FetchGraph, FetchStep
from supergraph.planner.plan_nodes import FlattenPath

__all__ = ["defer_to_later"]

#: The steps that ask one subgraph for the objects at one path for one deferred part, in the
#: graph's order.
_Asking: TypeAlias = dict[tuple[SubgraphName, FlattenPath, int], list[FetchStep]]


def defer_to_later(graph: FetchGraph) -> None:
    """Move targets of steps without children into a later step with the same subgraph and path."""
    asking: _Asking = {}
    for step in graph.steps:
        for target in step.targets:
            asking.setdefault((step.subgraph, target.path, step.part), []).append(step)
    if all(len(steps) == 1 for steps in asking.values()):
        return
    depths = graph.depths()
    awaited = {parent for step in graph.steps for parent in step.parents}
    replaced: dict[FetchStep, FetchStep] = {}
    for step in graph.steps:
        if not step.targets or step in awaited:
            continue
        later = _later(step, asking, depths)
        if later is not None:
            later.absorb(step)
            replaced[step] = later
    if replaced:
        graph.replace(replaced)


def _later(step: FetchStep, asking: _Asking, depths: dict[FetchStep, int]) -> FetchStep | None:
    """The first later step that has every path of this one."""
    paths = {target.path for target in step.targets}
    for other in asking[step.subgraph, step.targets[0].path, step.part]:
        if depths[other] > depths[step] and paths <= {target.path for target in other.targets}:
            return other
    return None
