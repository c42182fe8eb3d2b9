"""The query graph while certain override labels are active, and what is derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from supergraph.planner.context_supply import ContextSupplies
from supergraph.planner.context_variables import CONTEXT_VARIABLE, ContextCoordinate, free_prefix
from supergraph.planner.fetch.build import build_fetch_graph
from supergraph.planner.fetch.contexts import ContextReader
from supergraph.planner.fetch.optimize import optimize
from supergraph.planner.fetch.schedule import schedule
from supergraph.planner.fetch.scope import ScopeTable
from supergraph.planner.normalize.shared_types import SharedTypes
from supergraph.planner.operation import NormalizedOperation, Selections
from supergraph.planner.plan_nodes import PlanNode
from supergraph.planner.walk.budget import Budget
from supergraph.planner.walk.entries import Entries
from supergraph.planner.walk.root import walk_operation
from supergraph.query_graph.graph import QueryGraph

__all__ = ["Supplied", "Variant", "plan_at_once"]


@dataclass(frozen=True, slots=True)
class Variant:
    """What operations are planned on."""

    graph: QueryGraph
    shared_types: SharedTypes
    entries: Entries
    context_variables: Mapping[ContextCoordinate, str]


class Supplied:
    """An operation's selections as they are planned, with what they read from contexts."""

    def __init__(self, operation: NormalizedOperation, variant: Variant) -> None:
        graph = variant.graph
        self.scopes = ScopeTable(operation.selections)
        supplies = ContextSupplies(graph, self.scopes)
        shared = variant.shared_types.selections(operation)
        self.selections: Selections = supplies.select(operation.root_type, shared)
        prefix = free_prefix(CONTEXT_VARIABLE, operation.variables)
        self.contexts = ContextReader(
            supplies, self.scopes, graph, variant.context_variables, prefix
        )


def plan_at_once(
    operation: NormalizedOperation, variant: Variant, budget: Budget
) -> PlanNode | None:
    """The plan that answers the whole operation; None where no subgraph is needed."""
    graph = variant.graph
    supplied = Supplied(operation, variant)
    walker = variant.entries.walker(budget)
    trees = walk_operation(replace(operation, selections=supplied.selections), graph, walker)
    in_order = operation.kind == "mutation"
    fetch_graph = build_fetch_graph(
        trees, supplied.scopes, graph, supplied.contexts, in_order=in_order
    )
    optimize(fetch_graph)
    return schedule(fetch_graph, operation, graph)
