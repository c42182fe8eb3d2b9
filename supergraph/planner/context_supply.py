"""Let an operation also select what its fields read from contexts.

Theory of operation. A field with context arguments gets their values from the nearest object above
whose type sets the context. Those values are selected there, as fields the client did not ask for;
the walk resolves them like any others, and the fetch of the field waits for them. Which object is
the nearest can depend on the types of the values on the way, so a place may have several supplies,
and places further above are asked when none of them is for the value's type.

A `@requires` may ask for fields with context arguments too: what it asks for is then selected as
well, so that whatever it meets on its way is supplied like the rest.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from supergraph.federation.field_set import parse_field_set
from supergraph.federation.supergraph_state import ContextArgument
from supergraph.names import TypeName
from supergraph.planner.fetch.scope import Scope, ScopeTable
from supergraph.planner.normalize.normalize import normalize_field_set
from supergraph.planner.operation import Field, Fragment, Selection, Selections
from supergraph.query_graph.graph import QueryGraph

__all__ = ["ContextSupplies", "Supply"]


@dataclass(frozen=True, slots=True)
class Supply:
    """What a place selects, on `type_condition`, for the value of a context.

    It is for objects of the types, or (with None) for every object there. Without selections the
    context is set but has no value.
    """

    type_condition: TypeName
    type_names: frozenset[TypeName] | None
    selections: Selections


@dataclass(frozen=True, slots=True)
class _Place:
    """An object on the way: the types it can be of, and what is added to its selections.

    `declared` is the type of the field that leads to it; `parent` is the type that the selections
    at hand are on, that of a fragment perhaps. `added` has selections by what they are for.
    """

    scope: Scope
    declared: TypeName
    parent: TypeName
    types: frozenset[TypeName]
    added: dict[tuple[str, ...], Fragment] = field(default_factory=dict)


class ContextSupplies:
    """The supplies of one operation: `select` makes them, and `above` finds those of a field."""

    def __init__(self, graph: QueryGraph, scopes: ScopeTable) -> None:
        self._graph = graph
        self._scopes = scopes
        self._supplies: dict[tuple[Scope, str, str], list[Supply]] = {}
        self._reads: dict[tuple[TypeName, str], bool] = {}
        self._open: set[tuple[str, ...]] = set()

    def select(self, root_type: TypeName, selections: Selections) -> Selections:
        """The operation's selections, with what its fields read from contexts added."""
        if not self._graph.state.contexts:
            return selections
        return self._selected((), self._place((), root_type), selections)

    def above(self, scope: Scope, argument: ContextArgument) -> Iterator[tuple[int, Supply]]:
        """The supplies for an argument of a field of the object at the scope, the nearest first.

        Each with the number of response keys that lead to its place.
        """
        for level in reversed(range(len(scope))):
            own = self._supplies.get((scope[:level], argument.context, argument.selection), ())
            for supply in own:
                yield level, supply
            if any(supply.type_names is None for supply in own):
                return

    def _place(self, scope: Scope, declared: TypeName) -> _Place:
        return _Place(scope, declared, declared, self._graph.api_possible_types(declared))

    def _selected(
        self, above: tuple[_Place, ...], place: _Place, selections: Selections
    ) -> Selections:
        own = tuple(self._selection((*above, place), selection) for selection in selections)
        added: list[Selection] = []
        for fragment in place.added.values():
            if not fragment.selections:
                continue  # the context is set there, and has no value
            is_plain = fragment.type_condition == place.parent
            added += fragment.selections if is_plain else (fragment,)
        return (*added, *own)

    def _selection(self, way: tuple[_Place, ...], selection: Selection) -> Selection:
        if isinstance(selection, Field):
            return self._field(way, selection)
        *above, place = way
        condition = selection.type_condition
        types = place.types & self._graph.api_possible_types(condition)
        narrowed = _Place(place.scope, place.declared, condition, types)
        inner = self._selected(tuple(above), narrowed, selection.selections)
        return replace(selection, selections=inner)

    def _field(self, way: tuple[_Place, ...], selection: Field) -> Field:
        if selection.name.startswith("__"):
            return selection
        place = way[-1]
        for owner in self._owners(place):
            self._supply_field(way, owner, selection.name)
        if not selection.selections:
            return selection
        key = selection.response_key
        if selection.internal:
            key = self._scopes.internal_key(place.scope, selection)
        target = self._graph.type_state(place.parent).fields[selection.name].type_name
        below = self._place((*place.scope, key), target)
        return replace(selection, selections=self._selected(way, below, selection.selections))

    def _owners(self, place: _Place) -> Iterable[TypeName]:
        """The types that a field asked for there may be a field of, their interfaces included."""
        interfaces = frozenset[TypeName]().union(
            *(
                names
                for type_name in place.types
                for names in self._graph.type_state(type_name).interfaces.values()
            )
        )
        return dict.fromkeys([place.parent, *sorted(place.types), *sorted(interfaces)])

    def _supply_field(self, way: tuple[_Place, ...], owner: TypeName, name: str) -> None:
        """Supply what the field reads from contexts, whichever subgraph resolves it."""
        if not self._reads_context(owner, name):
            return
        for join in self._graph.type_state(owner).fields[name].joins.values():
            if join.external:
                continue
            for argument in join.context_arguments:
                self._supply(way[:-1], argument)
            if join.requires:
                self._add_required(way, owner, join.requires)

    def _reads_context(self, owner: TypeName, name: str) -> bool:
        """Whether the field has context arguments, or requires fields that do."""
        key = (owner, name)
        if key not in self._reads:
            self._reads[key] = False  # the answer while it is looked for, should it go in circles
            state = self._graph.type_state(owner).fields.get(name)
            self._reads[key] = state is not None and any(
                join.context_arguments or (join.requires and self._any_reads(owner, join.requires))
                for join in state.joins.values()
            )
        return self._reads[key]

    def _any_reads(self, owner: TypeName, requires: str) -> bool:
        waiting = [(owner, normalize_field_set(requires, owner, self._graph))]
        while waiting:
            parent, selections = waiting.pop()
            for selection in selections:
                if isinstance(selection, Fragment):
                    waiting.append((selection.type_condition, selection.selections))
                elif not selection.name.startswith("__"):
                    owners = self._owners(self._place((), parent))
                    if any(self._reads_context(one, selection.name) for one in owners):
                        return True
                    target = self._graph.type_state(parent).fields[selection.name].type_name
                    waiting.append((target, selection.selections))
        return False

    def _add_required(self, way: tuple[_Place, ...], owner: TypeName, requires: str) -> None:
        key = ("requires", owner, requires)
        if key in way[-1].added or key in self._open or not self._any_reads(owner, requires):
            return
        self._open.add(key)
        self._add(way, key, owner, normalize_field_set(requires, owner, self._graph))
        self._open.remove(key)

    def _supply(self, above: tuple[_Place, ...], argument: ContextArgument) -> None:
        """Let the places above select the value, from the nearest up to one that surely has it."""
        setters = self._graph.context_setters(argument.context)
        for index in reversed(range(len(above))):
            types = above[index].types & setters
            if types:
                self._supply_at(above[: index + 1], argument, types)
            if types == above[index].types:
                return

    def _supply_at(
        self, way: tuple[_Place, ...], argument: ContextArgument, types: frozenset[TypeName]
    ) -> None:
        place = way[-1]
        whole = self._graph.api_possible_types(place.declared)
        for owner, own in self._shares(place, argument, types):
            key = (argument.context, argument.selection, owner)
            if key in place.added:
                continue
            selections = normalize_field_set(argument.selection, owner, self._graph)
            added = self._add(way, key, owner, selections)
            supply = Supply(owner, None if own == whole else own, added)
            of_place = (place.scope, argument.context, argument.selection)
            self._supplies.setdefault(of_place, []).append(supply)

    def _shares(
        self, place: _Place, argument: ContextArgument, types: frozenset[TypeName]
    ) -> list[tuple[TypeName, frozenset[TypeName]]]:
        """The types to select the value on, each with the object types that it is then for.

        That is the type at hand if it has the field for all of its objects, or each object type.
        """
        fields = self._graph.type_state(place.parent).fields
        is_there = all(item.field in fields for item in parse_field_set(argument.selection))
        if is_there and types == place.types:
            return [(place.parent, types)]
        return [(type_name, frozenset({type_name})) for type_name in sorted(types)]

    def _add(
        self,
        way: tuple[_Place, ...],
        key: tuple[str, ...],
        owner: TypeName,
        selections: Selections,
    ) -> Selections:
        """Add selections on a type to those of the last place, and what they read themselves."""
        *above, place = way
        place.added[key] = Fragment(owner, ())
        types = place.types & self._graph.api_possible_types(owner)
        inner = (*above, replace(place, parent=owner, types=types))
        added = tuple(self._selection(inner, selection) for selection in _internal(selections))
        place.added[key] = Fragment(owner, added)
        return added


def _internal(selections: Selections) -> Selections:
    """The selections as the planner's own, which the client did not ask for."""
    return tuple(
        replace(selection, internal=True, selections=_internal(selection.selections))
        if isinstance(selection, Field)
        else replace(selection, selections=_internal(selection.selections))
        for selection in selections
    )
