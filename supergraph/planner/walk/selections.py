"""Selections as seen from one type; memoised, so that equal questions get identical answers."""

from dataclasses import replace

from supergraph.names import TypeName
from supergraph.planner.operation import Field, Selections
from supergraph.query_graph.graph import QueryGraph

__all__ = ["SelectionViews"]


class SelectionViews:
    """Flattens selections and counts their leaves, for one operation."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._flat: dict[tuple[TypeName, Selections], tuple[Field, ...]] = {}
        self._leaves: dict[Selections, int] = {}

    def fields_on(self, type_name: TypeName, selections: Selections) -> tuple[Field, ...]:
        """The fields that count for one object type, fragments resolved."""
        key = (type_name, selections)
        flat = self._flat.get(key)
        if flat is None:
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
            flat = self._flat[key] = tuple(found)
        return flat

    def leaves(self, selections: Selections) -> int:
        """How many leaves are selected; used to compare partial solutions."""
        found = self._leaves.get(selections)
        if found is None:
            found = sum(
                self.leaves(selection.selections) if selection.selections else 1
                for selection in selections
            )
            self._leaves[selections] = found
        return found
