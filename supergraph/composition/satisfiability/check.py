"""Check that every field of the API schema can be reached, whichever way a query comes.

Theory of operation. A state is an object type together with all the places (subgraph and provided
fields) a query can be at there; the root states are the root types in all subgraphs. From a state
each field leads to the state of its type, made of every place that any of the places before leads
to. A field that leads to no place cannot be resolved on that way, and that is an error. A state is
not visited again when a visited one of the same type had no place that this one lacks: whatever
was possible there is possible here. Types and subgraphs are finite, so this ends; `STATES_MAX`
bounds it for schemas made to be slow.

Which subgraph resolves a field with a progressive `@override` depends on a label, so all this is
done for several sets of active labels.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from supergraph.composition.result import CompositionError, CompositionHint, Location
from supergraph.composition.satisfiability.explain import explain
from supergraph.composition.satisfiability.label_sets import label_sets
from supergraph.composition.satisfiability.shareable_has_mismatched_runtime_types import (
    judge_runtime_types,
)
from supergraph.composition.schema.type_ref import named_type
from supergraph.error_codes import composition as codes
from supergraph.federation.api_schema import visible_fields
from supergraph.federation.override_labels import override_labels, with_active_labels
from supergraph.federation.supergraph_state import SupergraphState
from supergraph.names import TypeName
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.reach import Place, Places, Reach, TooManyQuestionsError

__all__ = ["STATES_MAX", "Locate", "check_satisfiability"]

#: States visited before the check gives up with MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED.
STATES_MAX = 100_000


#: The place of a field in a subgraph, given the names of subgraph, type and field.
Locate: TypeAlias = Callable[[str, str, str], tuple[Location, ...]]


def _nowhere(*_: str) -> tuple[Location, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class _State:
    """`path` is one way there, for the error message."""

    type_name: TypeName
    places: Places
    path: str


def check_satisfiability(
    supergraph: SupergraphState, locate: Locate = _nowhere
) -> tuple[list[CompositionError], list[CompositionHint]]:
    """An error for each field that some query cannot reach, and hints about fields it can.

    `locate` finds the place of a field (or else of its type) in a subgraph's SDL, for the errors.
    """
    check = _Check(supergraph, locate)
    errors: list[CompositionError] = []
    try:
        errors.extend(check.errors())
    except TooManyQuestionsError as error:
        message = f"Checking satisfiability was given up: {error.message}."
        errors = [CompositionError(codes.MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED, message)]
    return errors, list(check.hints.values())


class _Check:
    def __init__(self, supergraph: SupergraphState, locate: Locate) -> None:
        self._supergraph = supergraph
        self._locate = locate
        self._fields = visible_fields(supergraph.document)
        self._reported: set[tuple[TypeName, str]] = set()
        self.hints: dict[str, CompositionHint] = {}
        self._begin(frozenset())

    def errors(self) -> Iterator[CompositionError]:
        for labels in label_sets(override_labels(self._supergraph)):
            self._begin(labels)
            yield from self._errors()

    def _begin(self, labels: frozenset[str]) -> None:
        """Forget what was visited, and go on as the supergraph is while the labels are active."""
        self._labels = labels
        self._graph = QueryGraph(with_active_labels(self._supergraph, labels))
        self._reach = Reach(self._graph)
        self._visited: dict[TypeName, list[Places]] = {}

    def _errors(self) -> Iterator[CompositionError]:
        queue = deque(self._roots())
        visits = 0
        while queue:
            state = queue.popleft()
            if self._is_known(state):
                continue
            visits += 1
            if visits > STATES_MAX:
                yield CompositionError(
                    codes.MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED,
                    f"Checking satisfiability was given up after {STATES_MAX} states.",
                )
                return
            if not self._reach.tells_type(state.places):
                yield from self._unknown_type(state)
                continue
            for field in self._fields.get(state.type_name, ()):
                name = field.name
                target = TypeName(named_type(field.type))
                is_leaf = not self._graph.is_composite(target)
                if is_leaf and self._reach.is_at_hand(state.places, name):
                    continue
                after = self._reach.after_field(state.places, name)
                if not after:
                    yield from self._error(state, name)
                    continue
                mismatch = self._runtime_types(state.type_name, name, after)
                if mismatch is not None:
                    yield mismatch
                    continue
                queue.extend(self._states(target, after, f"{state.path}.{name}"))

    def _runtime_types(
        self, type_name: TypeName, name: str, after: Places
    ) -> CompositionError | None:
        """The first error about a shared field's types; hints are kept aside."""
        coordinate = f"{type_name}.{name}"
        field = self._graph.type_state(type_name).fields[name]
        found = judge_runtime_types(self._graph, coordinate, field, after)
        if isinstance(found, CompositionHint):
            self.hints.setdefault(coordinate, found)
            return None
        if found is None or (type_name, name) in self._reported:
            return None
        self._reported.add((type_name, name))
        return replace(found, locations=self._places(found.subgraphs, type_name, name))

    def _roots(self) -> Iterator[_State]:
        for type_name in self._supergraph.roots.values():
            places = frozenset(Place(node) for node in self._graph.root_nodes(type_name))
            yield _State(type_name, places, type_name)

    def _states(self, target: TypeName, places: Places, path: str) -> Iterator[_State]:
        """The states of a field's value: one for each object type it can be of."""
        if not self._graph.is_composite(target):
            return
        is_abstract = self._graph.is_abstract(target)
        for type_name in sorted(self._reach.object_types(places)):
            own = self._reach.narrowed(places, type_name)
            if type_name == self._supergraph.roots.get("query"):
                # Wherever a query meets the query type, it can start anew in any subgraph.
                own |= {Place(node) for node in self._graph.root_nodes(type_name)}
            yield _State(type_name, own, f"{path}[{type_name}]" if is_abstract else path)

    def _is_known(self, state: _State) -> bool:
        known = self._visited.setdefault(state.type_name, [])
        if any(places <= state.places for places in known):
            return True
        known.append(state.places)
        return False

    def _unknown_type(self, state: _State) -> Iterator[CompositionError]:
        """An error for a value of an interface object whose type no subgraph can tell."""
        key = (state.type_name, "__typename")
        if key in self._reported:
            return
        self._reported.add(key)
        interface = min(place.node for place in state.places)
        yield CompositionError(
            codes.SATISFIABILITY_ERROR,
            f'A query for {state.path} cannot be answered: "{interface.type_name}" is an '
            f'@interfaceObject in "{interface.subgraph}", and no subgraph that knows its '
            f'implementation "{state.type_name}" can be entered from there; give the interface a '
            "@key where it is defined.",
            subgraphs=(interface.subgraph,),
            locations=self._places([interface.subgraph], interface.type_name, "__typename"),
        )

    def _error(self, state: _State, field: str) -> Iterator[CompositionError]:
        """One error per coordinate: further ways to the same field fail for like reasons."""
        if (state.type_name, field) in self._reported:
            return
        self._reported.add((state.type_name, field))
        reasons = explain(self._graph, self._reach, state.places, state.type_name, field)
        joins = self._graph.type_state(state.type_name).fields[field].joins
        subgraphs = {place.node.subgraph for place in state.places} | set(joins)
        active = " and ".join(f'"{label}"' for label in sorted(self._labels))
        verb = "overrides" if len(self._labels) == 1 else "override"
        when = f" when {active} {verb}" if active else ""
        yield CompositionError(
            codes.SATISFIABILITY_ERROR,
            f"A query for {state.path}.{field} cannot be answered{when}:\n{reasons}",
            subgraphs=tuple(sorted(subgraphs)),
            locations=self._places(sorted(subgraphs), state.type_name, field),
        )

    def _places(
        self, subgraphs: Iterable[str], type_name: TypeName, field: str
    ) -> tuple[Location, ...]:
        return tuple(
            place for subgraph in subgraphs for place in self._locate(subgraph, type_name, field)
        )
