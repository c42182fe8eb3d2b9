"""Warm-up: a new supergraph has the plans of what clients ask for before it is used.

Without it every operation would be validated and planned anew at the moment of the exchange, by all
requests at once. The plans that the old supergraph used last are made again for the new one, their
code included. What is not valid any more is left out: clients are told when they ask.
"""

import asyncio

from supergraph.config.gateway import LimitConfig
from supergraph.errors import SupergraphError
from supergraph.executor.compiled import compiled_plan
from supergraph.stages.document import validate_document
from supergraph.stages.request import GraphQLRequest
from supergraph.stages.supergraph import PlanKey, Supergraph

__all__ = ["warm_up"]

#: After so long the new supergraph is used with what is planned by then.
WARM_UP_SECONDS = 10.0


async def warm_up(
    supergraph: Supergraph,
    previous: Supergraph,
    limits: LimitConfig,
    *,
    plans: int,
    introspection: bool,
) -> int:
    """Plan what was planned last, at most so many operations; answers how many were.

    Requests are served between two of them.
    """
    # The newest go in last, so that they are the last to be dropped again.
    keys = list(reversed(previous.plans.newest(plans)))
    made = 0
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WARM_UP_SECONDS
    for key in keys:
        await asyncio.sleep(0)
        if loop.time() > deadline:
            break
        made += _warm_up_one(supergraph, key, limits, introspection)
    return made


def _warm_up_one(
    supergraph: Supergraph, key: PlanKey, limits: LimitConfig, introspection: bool
) -> bool:
    text, name, labels = key
    try:
        document = validate_document(
            GraphQLRequest(text), supergraph, limits, introspection=introspection
        )
        plan = supergraph.planner.plan(document.node, name, labels)
    except SupergraphError:
        return False
    supergraph.plans.put(key, plan, weight=len(text))
    compiled_plan(plan).generate()
    return True
