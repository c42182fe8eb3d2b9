"""A supergraph must have a query."""

from supergraph.composition.result import CompositionError
from supergraph.composition.schema.model import ROOT_NAMES
from supergraph.composition.supergraph.context import MergeContext
from supergraph.error_codes import composition as codes

__all__ = ["no_queries"]


def no_queries(context: MergeContext) -> None:
    """Report that no subgraph has a query field."""
    query = context.schema.types.get(ROOT_NAMES["query"])
    if query is None or not query.fields:
        context.errors.append(
            CompositionError(
                codes.NO_QUERIES,
                "No subgraph has a query: add a field to the type Query in one of them.",
                tuple(state.name for state in context.subgraphs),
            )
        )
