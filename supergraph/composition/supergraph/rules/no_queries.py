"""A supergraph must have a query."""

from supergraph.composition.result import CompositionError
from supergraph.composition.supergraph.context import MergeContext
from supergraph.error_codes import composition as codes

__all__ = ["no_queries"]


def no_queries(context: MergeContext) -> None:
    """Report that no subgraph has a query field."""
    if "query" not in context.schema.roots:
        context.errors.append(
            CompositionError(
                codes.NO_QUERIES,
                "No subgraph has a query: add a field to the type Query in one of them.",
                tuple(state.name for state in context.subgraphs),
            )
        )
