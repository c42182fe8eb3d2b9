"""What fetch steps read from contexts: by which variables, from where, and what they wait for."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from graphql import ArgumentNode

from supergraph.error_codes import runtime as codes
from supergraph.errors import GatewayError
from supergraph.planner.context_supply import ContextSupplies, Supply
from supergraph.planner.context_variables import ContextCoordinate
from supergraph.planner.fetch.required import representation_of
from supergraph.planner.fetch.scope import Scope, ScopeTable
from supergraph.planner.fetch.selection import context_argument
from supergraph.planner.fetch.step import EntityTarget, FetchGraph, FetchStep
from supergraph.planner.operation import Field
from supergraph.planner.plan_nodes import (
    ContextSource,
    ContextValue,
    RequiredField,
    RequiredSelection,
)
from supergraph.planner.query_tree import QueryTree
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import FieldEdge

__all__ = ["ContextReader"]


class ContextReader:
    """Serves the building of one fetch graph; does nothing where no field reads a context.

    `variables` are the names of variables, and `prefix` stands before them.
    """

    def __init__(
        self,
        supplies: ContextSupplies,
        scopes: ScopeTable,
        graph: QueryGraph,
        variables: Mapping[ContextCoordinate, str],
        prefix: str,
    ) -> None:
        self._supplies = supplies
        self._scopes = scopes
        self._graph = graph
        self._variables = variables
        self._prefix = prefix
        #: Whether any field of the supergraph reads a context.
        self.is_needed = bool(variables)
        self._fetched_in: dict[Scope, set[FetchStep]] = {}
        self._awaited: list[tuple[FetchStep, Scope]] = []

    def arguments(self, edge: FieldEdge) -> tuple[ArgumentNode, ...]:
        """The field's arguments that are read from contexts."""
        return tuple(
            context_argument(argument.name, self._variable(edge, argument.name))
            for argument in edge.join.context_arguments
        )

    def read(self, target: EntityTarget, tree: QueryTree, scope: Scope) -> None:
        """Let the target have what an entity's fields read from contexts.

        Raises `GatewayError` (QUERY_PLANNING_FAILED) where nothing above sets a context.
        """
        # Such a field is never resolved on the spot, so it is one of the entity's own.
        for edge in (branch.edge for branch in tree.fields if branch.edge is not None):
            for argument in edge.join.context_arguments:
                variable = self._variable(edge, argument.name)
                supplies = self._supplies.above(scope, argument)
                sources = dict.fromkeys(self._source(*supply, scope) for supply in supplies)
                if not sources:
                    raise GatewayError(
                        codes.QUERY_PLANNING_FAILED,
                        f"{edge.tail.type_name}.{edge.name} is reached by a way on which nothing "
                        f'sets the context "{argument.context}" that it reads.',
                    )
                target.contexts[variable] = ContextValue(variable, argument.type, tuple(sources))

    def await_values(self, step: FetchStep, target: EntityTarget, scope: Scope) -> None:
        """Let the step wait for the values that the target has."""
        for value in target.contexts.values():
            for source in value.sources:
                for key in _keys(source.selections):
                    self._awaited.append((step, (*scope[: source.level], key)))

    def note(self, scope: Scope, field: Field, steps: AbstractSet[FetchStep]) -> None:
        """Note the steps that fetch one of the planner's own fields."""
        key = self._scopes.internal_key(scope, field)
        self._fetched_in.setdefault((*scope, key), set()).update(steps)

    def add_parents(self, graph: FetchGraph) -> None:
        """Make the steps that fetch values parents of those that read them.

        Raises `GatewayError` (QUERY_PLANNING_FAILED) where some would wait for each other.
        """
        for step, scope in self._awaited:
            step.parents |= self._fetched_in.get(scope, set())
        if self._awaited and not graph.sort():
            raise GatewayError(
                codes.QUERY_PLANNING_FAILED,
                "The value of a context depends on a field that reads it.",
            )

    def _variable(self, edge: FieldEdge, argument: str) -> str:
        node = edge.tail
        coordinate = ContextCoordinate(node.subgraph, node.type_name, edge.name, argument)
        return self._prefix + self._variables[coordinate]

    def _source(self, level: int, supply: Supply, scope: Scope) -> ContextSource:
        selections = representation_of(supply.selections, scope[:level], self._scopes, self._graph)
        return ContextSource(level, supply.type_condition, supply.type_names, tuple(selections))


def _keys(selections: tuple[RequiredSelection, ...]) -> Iterator[str]:
    for selection in selections:
        if isinstance(selection, RequiredField):
            yield selection.response_key
        else:
            yield from _keys(selection.selections)
