"""Execute: run the plan with what the subgraphs may know of the client.

Only headers on the allow-list are forwarded, and some never: those that describe this connection
or this body, and `Origin`, which subgraphs would take for their own browser's.
"""

from collections.abc import AsyncGenerator, Collection, Mapping
from typing import Any

from supergraph.config.gateway import GatewayConfig
from supergraph.executor import execute as executor
from supergraph.executor.execute import ExecutionContext, ExecutionResult
from supergraph.stages.request import PreparedOperation

__all__ = ["execute_operation", "forwarded_headers", "subscribe_operation"]

MASKED_MESSAGE = "A subgraph could not answer"
#: Extensions of a subgraph's error that clients see even when its message is masked.
UNMASKED_EXTENSIONS = ("code", "serviceName")
NEVER_FORWARDED = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "keep-alive",
        "origin",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


async def execute_operation(prepared: PreparedOperation, config: GatewayConfig) -> ExecutionResult:
    """Answer a query or mutation; a subgraph's failure is an error in the result."""
    with prepared.supergraph.in_use():
        result = await executor.execute(
            prepared.plan, prepared.operation.variables, _context(prepared, config)
        )
    return _masked(result) if config.masks_subgraph_messages else result


async def subscribe_operation(
    prepared: PreparedOperation, config: GatewayConfig
) -> AsyncGenerator[ExecutionResult, None]:
    """Yield a subscription's results; closing the generator ends it at the subgraph."""
    with prepared.supergraph.in_use():
        results = executor.subscribe(
            prepared.plan, prepared.operation.variables, _context(prepared, config)
        )
        try:
            async for result in results:
                yield _masked(result) if config.masks_subgraph_messages else result
        finally:
            await results.aclose()


def forwarded_headers(headers: Mapping[str, str], allowed: Collection[str]) -> dict[str, str]:
    """The client's headers that subgraphs get; all names in lower case."""
    names = {name.lower() for name in allowed} - NEVER_FORWARDED
    return {name: value for name, value in headers.items() if name in names}


def _context(prepared: PreparedOperation, config: GatewayConfig) -> ExecutionContext:
    return ExecutionContext(
        transports=prepared.supergraph.transports,
        headers=forwarded_headers(prepared.request.headers, config.headers.forward),
        timeout_seconds=config.traffic.timeout_seconds,
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
