"""The plan of an operation on a gateway or on a supergraph's SDL."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from supergraph.errors import ClientError
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.planner import Planner
from supergraph.server.gateway import Gateway
from supergraph.stages.plan_text import plan_text

__all__ = ["Planned", "plan_of"]

#: Supergraphs kept ready to plan; a test suite asks about the same few again and again.
PLANNERS_MAX = 8

Planned: TypeAlias = Gateway | str


def plan_of(
    supergraph: Planned,
    query: str,
    *,
    operation_name: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> QueryPlan:
    """The plan; with variables, as it runs for them.

    Raises `AssertionError` for an operation that is not valid, with all that is wrong with it.
    """
    planner = supergraph.planner if isinstance(supergraph, Gateway) else _planner(supergraph)
    try:
        return plan_text(planner, query, operation_name, variables)
    except ClientError as error:
        messages = "\n".join(f"  {item['message']}" for item in error.errors)
        raise AssertionError(f"the operation is refused ({error.code}):\n{messages}") from error


@lru_cache(maxsize=PLANNERS_MAX)
def _planner(sdl: str) -> Planner:
    return Planner(parse_supergraph(sdl), defers=True)  # as a gateway does by default
