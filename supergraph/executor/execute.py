"""Execute a plan: the way from a plan and variables to a GraphQL response."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

import msgspec

from supergraph.errors import SubgraphError, broken_invariant
from supergraph.executor.compiled import compiled_plan
from supergraph.executor.result import ExecutionContext, ExecutionResult
from supergraph.executor.run import Run
from supergraph.planner.plan_nodes import QueryPlan

__all__ = ["ExecutionContext", "ExecutionResult", "execute", "subscribe"]


async def execute(
    plan: QueryPlan, variables: Mapping[str, Any], context: ExecutionContext
) -> ExecutionResult:
    """Answer a query or mutation. `variables` are coerced already.

    What a subgraph fails to do costs its own fields and stands in the errors.
    """
    compiled = compiled_plan(plan)
    compiled.count_use()
    # A mutation may change an entity between two of its root fields, so it loads entities anew.
    run = Run(variables, context, caches_entities=plan.kind == "query")
    if compiled.steps.root is not None:
        await compiled.steps.root.run(run)
    return compiled.complete(run, variables)


async def subscribe(
    plan: QueryPlan, variables: Mapping[str, Any], context: ExecutionContext
) -> AsyncGenerator[ExecutionResult, None]:
    """Yield a result per event; closing the generator ends the subgraph's stream.

    A stream that fails ends with a result that has no data and says why. Events are taken one at
    a time: while the consumer is busy, the transport's own bounded buffer holds what comes.
    """
    compiled = compiled_plan(plan)
    primary, rest = compiled.steps.primary, compiled.steps.root
    if primary is None:
        broken_invariant("only a subscription's plan can be subscribed to")
    opening = Run(variables, context, caches_entities=False)
    request = opening.request(primary.fetch, {})
    if context.resume_after is not None:
        request = msgspec.structs.replace(request, resume_after=context.resume_after)
    transport = opening.transport(primary.fetch)
    try:
        async with aclosing(transport.subscribe(request)) as events:
            async for event in events:
                compiled.count_use()
                run = Run(variables, context, caches_entities=True)
                primary.take(run, event)
                if rest is not None:
                    await rest.run(run)
                result = compiled.complete(run, variables)
                result.event_id = event.event_id
                yield result
    except SubgraphError as error:
        opening.errors.add_failure(error, ())
        yield ExecutionResult(None, opening.errors.errors)
