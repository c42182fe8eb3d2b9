"""One optimisation of the fetch graph per module; `run` lists them in order."""

from supergraph.planner.fetch.optimize.defer_to_later import defer_to_later
from supergraph.planner.fetch.optimize.merge_same_wave import merge_same_wave
from supergraph.planner.fetch.step import FetchGraph

__all__ = ["optimize"]


def optimize(graph: FetchGraph) -> None:
    """Improve the graph in place; what is fetched stays the same."""
    defer_to_later(graph)
    merge_same_wave(graph)
