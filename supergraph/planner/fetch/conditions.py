"""When a step is of any use: under which of the client's `@skip` and `@include` conditions.

A step that only serves conditional steps (it fetches their keys and requirements) is conditional
itself.
"""

from supergraph.planner.fetch.step import FetchGraph, FetchStep
from supergraph.planner.operation import NO_CONDITIONS, Conditions

__all__ = ["later_conditions", "step_conditions"]


def later_conditions(graph: FetchGraph) -> dict[FetchStep, Conditions]:
    """For each step, the conditions that all steps waiting for it have in common."""
    if not graph.is_conditional:
        return dict.fromkeys(graph.steps, NO_CONDITIONS)
    found: dict[FetchStep, Conditions] = {}
    waiting: dict[FetchStep, list[Conditions]] = {}
    for step in reversed(graph.steps):
        later = waiting.get(step)
        found[step] = frozenset.intersection(*later) if later else NO_CONDITIONS
        own = step_conditions(step, found[step])
        for parent in step.parents:
            waiting.setdefault(parent, []).append(own)
    return found


def step_conditions(step: FetchStep, later: Conditions) -> Conditions:
    """What must hold for the step to fetch anything that is of use now or `later`."""
    if not step.targets:
        return step.selection.common_conditions(later)
    return frozenset.intersection(*(target.needed_under(later) for target in step.targets))
