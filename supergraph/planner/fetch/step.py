"""A future subgraph request while the plan is still being shaped."""

from dataclasses import dataclass, field

from supergraph.errors import invariant
from supergraph.names import SubgraphName, TypeName
from supergraph.planner.fetch.required import merge_required
from supergraph.planner.fetch.selection import FetchSelection
from supergraph.planner.operation import NO_CONDITIONS, Conditions
from supergraph.planner.plan_nodes import FlattenPath, RequiredSelection

__all__ = ["EntityTarget", "FetchGraph", "FetchStep"]


@dataclass(slots=True)
class EntityTarget:
    """What an entity fetch asks for the objects at one path.

    `requires` holds, for each entity type, the representation's selections. They are known where
    the `conditions` on the way to the objects hold.
    """

    path: FlattenPath
    selection: FetchSelection = field(default_factory=FetchSelection)
    requires: dict[TypeName, list[RequiredSelection]] = field(default_factory=dict)
    conditions: Conditions = NO_CONDITIONS

    def absorb(self, other: "EntityTarget") -> bool:
        """Ask for all that another target asks for.

        False, and nothing is changed, where paths differ or one representation cannot serve both:
        it could be known in part only, where the objects are there for one of the two.
        """
        if self.path != other.path:
            return False
        if self.conditions != other.conditions and self.requires != other.requires:
            return False
        merged = dict(self.requires)
        for type_name, required in other.requires.items():
            together = merge_required(merged.get(type_name, ()), required)
            if together is None:
                return False
            merged[type_name] = together
        self.requires = merged
        self.conditions &= other.conditions
        self.selection.absorb(other.selection)
        return True


@dataclass(slots=True, eq=False)
class FetchStep:
    """A root fetch with its `selection`, or an entity fetch with its `targets`.

    A root fetch with a `path` starts anew at values of the query type there. `parents` are the
    steps whose data must be there before this one can run. `part` is the number of the deferred
    part of the operation that it serves, 0 for what is not deferred.
    """

    subgraph: SubgraphName
    parents: set["FetchStep"] = field(default_factory=set)
    selection: FetchSelection = field(default_factory=FetchSelection)
    targets: list[EntityTarget] = field(default_factory=list)
    path: FlattenPath = ()
    part: int = 0

    def absorb(self, other: "FetchStep") -> None:
        """Take over another entity fetch's targets and what it waits for."""
        self.parents |= other.parents
        for target in other.targets:
            if not any(own.absorb(target) for own in self.targets):
                self.targets.append(target)


@dataclass(slots=True)
class FetchGraph:
    """Fetch steps and, through their parents, the order they must keep.

    Steps are in an order in which every parent comes before its children. The graph
    `is_conditional` where the client put `@skip` or `@include` with a variable anywhere.
    """

    steps: list[FetchStep]
    is_conditional: bool

    def depths(self) -> dict[FetchStep, int]:
        """The wave of each step: 0 for steps without parents."""
        depths: dict[FetchStep, int] = {}
        for step in self.steps:
            depths[step] = 1 + max((depths[parent] for parent in step.parents), default=-1)
        return depths

    def replace(self, replaced: dict[FetchStep, FetchStep]) -> None:
        """Drop steps whose targets others took over, and restore the order."""
        self.steps = [step for step in self.steps if step not in replaced]
        for step in self.steps:
            step.parents = {replaced.get(parent, parent) for parent in step.parents}
        placed: dict[FetchStep, None] = {}
        waiting = self.steps
        while waiting:
            ready = [step for step in waiting if all(parent in placed for parent in step.parents)]
            invariant(ready, "merging steps makes no cycle")
            placed |= dict.fromkeys(ready)
            waiting = [step for step in waiting if step not in placed]
        self.steps = list(placed)
