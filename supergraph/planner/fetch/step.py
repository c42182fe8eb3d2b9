"""A future subgraph request while the plan is still being shaped."""

from dataclasses import dataclass, field

from supergraph.names import SubgraphName, TypeName
from supergraph.planner.fetch.selection import FetchSelection
from supergraph.planner.plan_nodes import FlattenPath, RequiredSelection

__all__ = ["FetchGraph", "FetchStep"]


@dataclass(slots=True, eq=False)
class FetchStep:
    """A root fetch, or an entity fetch at a path.

    `requires` holds, for each entity type, the representation's selections; a root step has none.
    `parents` are the steps whose data must be there before this one can run.
    """

    subgraph: SubgraphName
    path: FlattenPath
    parents: set["FetchStep"] = field(default_factory=set)
    selection: FetchSelection = field(default_factory=FetchSelection)
    requires: dict[TypeName, list[RequiredSelection]] = field(default_factory=dict)


@dataclass(slots=True)
class FetchGraph:
    """Fetch steps and, through their parents, the order they must keep.

    Steps are in an order in which every parent comes before its children.
    """

    steps: list[FetchStep] = field(default_factory=list)

    def depth_of(self) -> dict[FetchStep, int]:
        """The wave of each step: 0 for steps without parents."""
        depths: dict[FetchStep, int] = {}
        for step in self.steps:
            depths[step] = 1 + max((depths[parent] for parent in step.parents), default=-1)
        return depths
