"""Leave out types that not every subgraph at hand returns.

Where several subgraphs resolve one field, any of them may be asked, and they may know different
members of its interface or union. What a query gets must not depend on the choice, so a fragment
on a type that only some of them return asks for nothing: its fields are null, wherever the value
came from. Composition hints at such fields (INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN).
Audit case: partial-union-complex.
"""

from dataclasses import replace

from supergraph.names import TypeName
from supergraph.planner.operation import Field, Fragment, NormalizedOperation, Selection, Selections
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.reach import Place, Places, Reach

__all__ = ["SharedTypes"]


class SharedTypes:
    """The pass for one supergraph; does nothing where all subgraphs know the same members."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._reach = Reach(graph)
        self._is_needed = any(
            len({graph.possible_types(node) for node in graph.root_nodes(name)}) > 1
            for name in graph.state.types
            if graph.is_composite(name) and graph.is_abstract(name)
        )

    def selections(self, operation: NormalizedOperation) -> Selections:
        """The operation's selections as they are to be planned."""
        if not self._is_needed:
            return operation.selections
        self._reach.renew()
        root = operation.root_type
        places = frozenset(Place(node) for node in self._graph.root_nodes(root))
        return self._kept(places, root, operation.selections)

    def _kept(self, places: Places, type_name: TypeName, selections: Selections) -> Selections:
        kept: list[Selection] = []
        for selection in selections:
            if isinstance(selection, Field):
                kept.append(self._field(places, type_name, selection))
            elif not self._is_partial(places, selection.type_condition):
                kept.append(self._fragment(places, selection))
        return tuple(kept)

    def _field(self, places: Places, type_name: TypeName, field: Field) -> Field:
        if not field.selections or field.name.startswith("__"):
            return field
        after = frozenset[Place]().union(
            *(
                self._reach.after_field(self._reach.narrowed(places, object_type), field.name)
                for object_type in self._reach.object_types(places)
            )
        )
        target = self._graph.type_state(type_name).fields[field.name].type_name
        return replace(field, selections=self._kept(after, target, field.selections))

    def _fragment(self, places: Places, fragment: Fragment) -> Fragment:
        condition = fragment.type_condition
        if not self._graph.is_abstract(condition):
            places = self._reach.narrowed(places, condition)
        return replace(fragment, selections=self._kept(places, condition, fragment.selections))

    def _is_partial(self, places: Places, type_name: TypeName) -> bool:
        """Whether some of the places return values of the type, and others never do."""
        if self._graph.is_abstract(type_name):
            return False
        has = {
            type_name in self._graph.possible_types(place.node)
            for place in places
            if not self._graph.is_interface_object(place.node)
        }
        return len(has) > 1
