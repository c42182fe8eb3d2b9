"""Execute a plan: the way from a plan and variables to a GraphQL response."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from supergraph.errors import SubgraphError, broken_invariant
from supergraph.executor.compiled import compiled_plan
from supergraph.executor.introspection import introspect
from supergraph.executor.result import ExecutionContext, ExecutionResult, deadline_of
from supergraph.executor.run import Run
from supergraph.planner.plan_nodes import QueryPlan, SubscriptionNode

__all__ = ["ExecutionContext", "ExecutionResult", "execute", "subscribe"]


async def execute(
    plan: QueryPlan, variables: Mapping[str, Any], context: ExecutionContext
) -> ExecutionResult:
    """Answer a query or mutation. `variables` are coerced already.

    What a subgraph fails to do costs its own fields and stands in the errors.
    """
    # A mutation may change an entity between two of its root fields, so it loads entities anew.
    run = Run(variables, context, deadline_of(context), caches_entities=plan.kind == "query")
    if plan.node is not None:
        await run.node(plan.node)
    return _complete(plan, run, variables)


async def subscribe(
    plan: QueryPlan, variables: Mapping[str, Any], context: ExecutionContext
) -> AsyncGenerator[ExecutionResult, None]:
    """Yield a result per event; closing the generator ends the subgraph's stream.

    A stream that fails ends with a result that has no data and says why. Events are taken one at
    a time: while the consumer is busy, the transport's own bounded buffer holds what comes.
    """
    node = plan.node
    if not isinstance(node, SubscriptionNode):
        broken_invariant("only a subscription's plan can be subscribed to")
    transport = context.transports[node.primary.service_name]
    opening = Run(variables, context, deadline_of(context), caches_entities=False)
    request = opening.request_for(node.primary)
    try:
        async with aclosing(transport.subscribe(request)) as events:
            async for event in events:
                run = Run(variables, context, deadline_of(context), caches_entities=True)
                run.take_reply(event, node.primary)
                if node.rest is not None:
                    await run.node(node.rest)
                yield _complete(plan, run, variables)
    except SubgraphError as error:
        opening.errors.add_failure(error, ())
        yield ExecutionResult(None, opening.errors.errors)


def _complete(plan: QueryPlan, run: Run, variables: Mapping[str, Any]) -> ExecutionResult:
    compiled = compiled_plan(plan)
    if compiled.introspection is not None:
        run.data.update(introspect(plan.api_schema, compiled.introspection, variables))
    data = compiled.projection.project(run.data, variables, run.errors)
    return ExecutionResult(data, run.errors.errors)
