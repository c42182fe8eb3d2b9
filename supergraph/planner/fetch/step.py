"""A future subgraph request while the plan is still being shaped."""

from dataclasses import dataclass, field

from supergraph.errors import invariant
from supergraph.names import SubgraphName, TypeName
from supergraph.planner.fetch.required import merge_required
from supergraph.planner.fetch.selection import FetchSelection
from supergraph.planner.operation import NO_CONDITIONS, Conditions
from supergraph.planner.plan_nodes import ContextValue, FlattenPath, RequiredSelection

__all__ = ["EntityTarget", "FetchGraph", "FetchStep"]


@dataclass(slots=True)
class EntityTarget:
    """What an entity fetch asks for the objects at one path.

    `requires` holds, for each entity type, the representation's selections. It is only known to be
    there under the `conditions` of what was on the way; the client may have selected the same path
    under others too. `contexts` are the values that its fields read from contexts, by the variable
    that carries them.
    """

    path: FlattenPath
    conditions: Conditions = NO_CONDITIONS
    selection: FetchSelection = field(default_factory=FetchSelection)
    requires: dict[TypeName, list[RequiredSelection]] = field(default_factory=dict)
    contexts: dict[str, ContextValue] = field(default_factory=dict)

    def needed_under(self, later: Conditions) -> Conditions:
        """The conditions without which nothing of it is of use.

        The planner's own fields are of use under those of `later` steps.
        """
        return self.conditions | self.selection.common_conditions(later)

    def absorb(self, other: "EntityTarget") -> bool:
        """Ask for all that another target asks for.

        False, and nothing is changed, where paths or conditions differ or one representation cannot
        serve both. One that reads contexts cannot serve another, which needs no value to be there.
        """
        if (
            self.path != other.path
            or self.conditions != other.conditions
            or bool(self.contexts) != bool(other.contexts)
        ):
            return False
        merged = dict(self.requires)
        for type_name, required in other.requires.items():
            together = merge_required(merged.get(type_name, ()), required)
            if together is None:
                return False
            merged[type_name] = together
        self.requires = merged
        self.contexts |= other.contexts
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
    _by_path: dict[FlattenPath, list[EntityTarget]] = field(default_factory=dict)

    def absorb(self, other: "FetchStep") -> None:
        """Take over another entity fetch's targets and what it waits for."""
        self.parents |= other.parents
        if not self._by_path:
            for target in self.targets:
                self._by_path.setdefault(target.path, []).append(target)
        for target in other.targets:
            alike = self._by_path.setdefault(target.path, [])
            if not any(own.absorb(target) for own in alike):
                self.targets.append(target)
                alike.append(target)


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
        invariant(self.sort(), "merging steps makes no cycle")

    def sort(self) -> bool:
        """Put parents before their children; False, with nothing changed, if there is a cycle."""
        placed: dict[FetchStep, None] = {}
        waiting = self.steps
        while waiting:
            ready = [step for step in waiting if all(parent in placed for parent in step.parents)]
            if not ready:
                return False
            placed |= dict.fromkeys(ready)
            waiting = [step for step in waiting if step not in placed]
        self.steps = list(placed)
        return True
