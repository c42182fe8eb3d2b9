"""Selections as seen from one type; memoised, so that equal questions get identical answers."""

from dataclasses import replace

from supergraph.names import TypeName
from supergraph.planner.normalize.normalize import normalize_field_set
from supergraph.planner.operation import Field, Selections
from supergraph.query_graph.graph import QueryGraph

__all__ = ["SelectionViews"]


class SelectionViews:
    """Flattens selections and reads field sets, for one operation."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._flat: dict[tuple[TypeName, Selections], tuple[Field, ...]] = {}
        self._field_sets: dict[tuple[str, TypeName], Selections] = {}

    def fields_on(self, type_name: TypeName, selections: Selections) -> tuple[Field, ...]:
        """The fields that count for one object type, fragments resolved."""
        key = (type_name, selections)
        if key not in self._flat:
            found: list[Field] = []
            for selection in selections:
                if isinstance(selection, Field):
                    found.append(selection)
                elif type_name in self._graph.api_possible_types(selection.type_condition):
                    inner = self.fields_on(type_name, selection.selections)
                    found.extend(
                        replace(field, conditions=field.conditions | selection.conditions)
                        if selection.conditions
                        else field
                        for field in inner
                    )
            self._flat[key] = tuple(found)
        return self._flat[key]

    def provided_field(self, type_name: TypeName, name: str, provided: Selections) -> Field | None:
        """The field among those that a path provides for a type."""
        for field in self.fields_on(type_name, provided):
            if field.name == name:
                return field
        return None

    def field_set(self, text: str, parent: TypeName) -> Selections:
        """The field set of a key, `@requires` or `@provides`, normalized."""
        key = (text, parent)
        if key not in self._field_sets:
            self._field_sets[key] = normalize_field_set(text, parent, self._graph)
        return self._field_sets[key]
