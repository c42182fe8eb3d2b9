"""Field sets of keys, `@requires` and `@provides`, normalized once for a supergraph."""

from supergraph.names import TypeName
from supergraph.planner.normalize.normalize import normalize_field_set
from supergraph.planner.operation import Field, Selections
from supergraph.planner.walk.selections import SelectionViews
from supergraph.query_graph.graph import QueryGraph

__all__ = ["FieldSets"]


class FieldSets:
    """The supergraph's field sets in the planner's form; bounded by the supergraph itself."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._views = SelectionViews(graph)
        self._normalized: dict[tuple[str, TypeName], Selections] = {}

    def normalized(self, text: str, parent: TypeName) -> Selections:
        """One field set; equal questions get the identical answer."""
        key = (text, parent)
        found = self._normalized.get(key)
        if found is None:
            found = self._normalized[key] = normalize_field_set(text, parent, self._graph)
        return found

    def provided_on(self, type_name: TypeName, provided: Selections) -> tuple[Field, ...]:
        """What a path provides for values of one object type."""
        return self._views.fields_on(type_name, provided) if provided else ()

    def provided_field(self, type_name: TypeName, name: str, provided: Selections) -> Field | None:
        """The field among those that a path provides for a type."""
        for field in self.provided_on(type_name, provided):
            if field.name == name:
                return field
        return None
