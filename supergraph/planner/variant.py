"""The query graph while certain override labels are active, and what is derived from it."""

from dataclasses import dataclass, replace

from supergraph.planner.fetch.build import build_fetch_graph
from supergraph.planner.fetch.optimize import optimize
from supergraph.planner.fetch.schedule import schedule
from supergraph.planner.normalize.shared_types import SharedTypes
from supergraph.planner.operation import NormalizedOperation
from supergraph.planner.plan_nodes import PlanNode
from supergraph.planner.walk.budget import Budget
from supergraph.planner.walk.entries import Entries
from supergraph.planner.walk.root import walk_operation
from supergraph.query_graph.graph import QueryGraph

__all__ = ["Variant", "plan_at_once"]


@dataclass(frozen=True, slots=True)
class Variant:
    """What operations are planned on."""

    graph: QueryGraph
    shared_types: SharedTypes
    entries: Entries

    @classmethod
    def of(cls, graph: QueryGraph) -> "Variant":
        """The variant with a query graph."""
        return cls(graph, SharedTypes(graph), Entries(graph))


def plan_at_once(
    operation: NormalizedOperation, variant: Variant, budget: Budget
) -> PlanNode | None:
    """The plan that answers the whole operation; None where no subgraph is needed."""
    graph = variant.graph
    selections = variant.shared_types.selections(operation)
    walker = variant.entries.walker(budget)
    trees = walk_operation(replace(operation, selections=selections), graph, walker)
    fetch_graph = build_fetch_graph(
        trees, operation.selections, graph, in_order=operation.kind == "mutation"
    )
    optimize(fetch_graph)
    return schedule(fetch_graph, operation, graph)
