"""Which override labels the plan of an operation can depend on.

More than those of the fields it selects: the planner also fetches keys, what `@requires` asks for
and the values of contexts, so the labels of those fields count too. The answer may name a label too
many (a key that the plan does without), never one too few.
"""

from collections.abc import Iterator

from supergraph.names import TypeName
from supergraph.planner.normalize.normalize import normalize_field_set
from supergraph.planner.operation import Field, Selections
from supergraph.query_graph.graph import QueryGraph

__all__ = ["labels_used"]


def labels_used(graph: QueryGraph, root_type: TypeName, selections: Selections) -> frozenset[str]:
    """The labels behind the selections on the root type."""
    return _Search(graph).labels(root_type, selections)


class _Search:
    """Visits each field of a type once, and the keys of each type that is met."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._labels: set[str] = set()
        self._fields: set[tuple[TypeName, str]] = set()
        self._types: set[TypeName] = set()
        self._waiting: list[tuple[TypeName, Selections]] = []

    def labels(self, root_type: TypeName, selections: Selections) -> frozenset[str]:
        self._waiting.append((root_type, selections))
        while self._waiting:
            parent, own = self._waiting.pop()
            self._visit(parent, own)
        return frozenset(self._labels)

    def _visit(self, parent: TypeName, selections: Selections) -> None:
        for selection in selections:
            if not isinstance(selection, Field):
                self._waiting.append((selection.type_condition, selection.selections))
            elif not selection.name.startswith("__"):
                target = self._graph.type_state(parent).fields[selection.name].type_name
                self._waiting.append((target, selection.selections))
                for type_name in self._types_of(parent):
                    self._visit_field(type_name, selection.name)

    def _visit_field(self, type_name: TypeName, name: str) -> None:
        field = self._graph.type_state(type_name).fields.get(name)
        if field is None or (type_name, name) in self._fields:
            return
        self._fields.add((type_name, name))
        for join in field.joins.values():
            if join.override_label is not None:
                self._labels.add(join.override_label)
            if join.requires:
                self._wait_for(type_name, join.requires)
            for argument in join.context_arguments:
                for setter in self._graph.context_setters(argument.context):
                    self._wait_for(setter, argument.selection)
        self._visit_keys(type_name)
        if self._graph.is_composite(field.type_name):
            for target in self._types_of(field.type_name):
                self._visit_keys(target)

    def _visit_keys(self, type_name: TypeName) -> None:
        if type_name in self._types:
            return
        self._types.add(type_name)
        for edge in self._graph.entity_edges(type_name):
            self._wait_for(edge.head.type_name, edge.key)

    def _wait_for(self, type_name: TypeName, fields: str) -> None:
        self._waiting.append((type_name, normalize_field_set(fields, type_name, self._graph)))

    def _types_of(self, type_name: TypeName) -> Iterator[TypeName]:
        """The type, the objects that its values can be, and the interfaces that it has."""
        yield type_name
        if self._graph.is_abstract(type_name):
            yield from self._graph.api_possible_types(type_name)
        yield from frozenset[TypeName]().union(
            *self._graph.type_state(type_name).interfaces.values()
        )
