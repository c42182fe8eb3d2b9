"""Kit of the planner's tests: subgraph SDL and an operation in, the printed plan out."""

from collections.abc import Set as AbstractSet
from textwrap import dedent

from graphql import parse, validate

from supergraph import Subgraph, compose
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.plan_nodes import (
    ConditionNode,
    FetchNode,
    ParallelNode,
    QueryPlan,
    SequenceNode,
    SubscriptionNode,
)
from supergraph.planner.planner import Planner
from supergraph.planner.print import print_plan

__all__ = ["FEDERATION", "check_plan", "compose_supergraph", "plan", "requests_of"]

#: The head of a Federation 2 subgraph in tests.
FEDERATION = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@tag", "@override",
  "@interfaceObject", "@context", "@fromContext"
])
"""


def compose_supergraph(subgraphs: dict[str, str]) -> str:
    """The supergraph SDL of subgraphs that must compose."""
    result = compose(
        [Subgraph(name, FEDERATION + sdl, f"http://{name}") for name, sdl in subgraphs.items()]
    )
    assert result.supergraph_sdl is not None, [error.message for error in result.errors]
    return result.supergraph_sdl


def plan(
    subgraphs: dict[str, str],
    query: str,
    operation_name: str | None = None,
    active_labels: AbstractSet[str] = frozenset(),
) -> QueryPlan:
    """The plan of a valid operation."""
    planner = Planner(parse_supergraph(compose_supergraph(subgraphs)))
    document = parse(query)
    assert validate(planner.api_schema, document) == []
    return planner.plan(document, operation_name, active_labels)


def requests_of(plan: QueryPlan) -> list[FetchNode]:
    """The plan's fetches, in the order in which they stand there."""
    found: list[FetchNode] = []
    nodes = [plan.node]
    while nodes:
        node = nodes.pop(0)
        match node:
            case FetchNode():
                found.append(node)
            case SequenceNode() | ParallelNode():
                nodes = [*node.nodes, *nodes]
            case ConditionNode():
                nodes.insert(0, node.node)
            case SubscriptionNode():
                nodes = [node.primary, node.rest, *nodes]
    return found


def check_plan(
    subgraphs: dict[str, str],
    query: str,
    expected: str,
    active_labels: AbstractSet[str] = frozenset(),
) -> None:
    """Compare the printed plan; blank lines and outer indentation do not count."""
    found = print_plan(plan(subgraphs, query, active_labels=active_labels))
    assert found == dedent(expected).strip()
