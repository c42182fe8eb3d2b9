"""Execute: run the plan with what the subgraphs may know of the client.

Which of its headers these are, by name, was worked out from the configuration
(`supergraph.traffic.forwarding`).
"""

from collections.abc import AsyncGenerator, Collection
from typing import Any

from supergraph.config.gateway import GatewayConfig
from supergraph.executor import execute as executor
from supergraph.executor.execute import ExecutionContext, ExecutionResult
from supergraph.stages.request import PreparedOperation
from supergraph.traffic.forwarding import forwarded_headers

__all__ = ["execute_operation", "subscribe_operation"]

MASKED_MESSAGE = "A subgraph could not answer"
#: Extensions of a subgraph's error that clients see even when its message is masked.
UNMASKED_EXTENSIONS = ("code", "serviceName")


async def execute_operation(
    prepared: PreparedOperation, config: GatewayConfig, forwarded: Collection[str]
) -> ExecutionResult:
    """Answer a query or mutation; a subgraph's failure is an error in the result."""
    with prepared.supergraph.in_use():
        result = await executor.execute(
            prepared.plan, prepared.operation.variables, _context(prepared, config, forwarded)
        )
    return _masked(result) if config.masks_subgraph_messages else result


async def subscribe_operation(
    prepared: PreparedOperation, config: GatewayConfig, forwarded: Collection[str]
) -> AsyncGenerator[ExecutionResult, None]:
    """Yield a subscription's results; closing the generator ends it at the subgraph."""
    with prepared.supergraph.in_use():
        results = executor.subscribe(
            prepared.plan, prepared.operation.variables, _context(prepared, config, forwarded)
        )
        try:
            async for result in results:
                yield _masked(result) if config.masks_subgraph_messages else result
        finally:
            await results.aclose()


def _context(
    prepared: PreparedOperation, config: GatewayConfig, forwarded: Collection[str]
) -> ExecutionContext:
    return ExecutionContext(
        transports=prepared.supergraph.transports,
        headers=forwarded_headers(prepared.request.headers, forwarded),
        timeout_seconds=config.traffic.timeout_seconds,
        # What follows a mutation, or an event, has to see what that changed.
        is_shareable=prepared.kind == "query",
    )


def _masked(result: ExecutionResult) -> ExecutionResult:
    if not result.errors:
        return result
    return result.with_errors([_masked_error(error) for error in result.errors])


def _masked_error(error: dict[str, Any]) -> dict[str, Any]:
    extensions = error.get("extensions") or {}
    if "serviceName" not in extensions:
        return error  # the gateway's own words
    kept = {name: extensions[name] for name in UNMASKED_EXTENSIONS if name in extensions}
    return {**error, "message": MASKED_MESSAGE, "extensions": kept}
