"""Execute: run the plan with what the subgraphs may know of the client.

Which of its headers these are, by name, was worked out from the configuration
(`supergraph.traffic.forwarding`).
"""

import re
from collections.abc import AsyncGenerator, Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from supergraph.config.gateway import GatewayConfig
from supergraph.executor import execute as executor
from supergraph.executor.delivery import Delivery
from supergraph.executor.execute import ExecutionContext, ExecutionResult
from supergraph.executor.execute_in_parts import execute_in_parts
from supergraph.stages.fetch_times import FetchTimes
from supergraph.stages.request import PreparedOperation
from supergraph.traffic.forwarding import forwardable_names, forwarded_headers

__all__ = [
    "ExecutionPolicy",
    "deliver_operation",
    "execute_operation",
    "execution_policy",
    "resume_after",
    "subscribe_operation",
]

MASKED_MESSAGE = "A subgraph could not answer"
#: Extensions of a subgraph's error that clients see even when its message is masked.
UNMASKED_EXTENSIONS = ("code", "serviceName")
#: By which a client says what it saw last (https://html.spec.whatwg.org/#the-last-event-id-header),
#: and what an id of ours looks like.
LAST_EVENT_ID = "last-event-id"
_EVENT_ID = re.compile(r"[0-9]{1,20}(?:-[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class ExecutionPolicy:
    """What the configuration says of executing; `forwarded` names headers in lower case."""

    forwarded: Collection[str]
    timeout_seconds: float
    masks_subgraph_messages: bool


def execution_policy(config: GatewayConfig) -> ExecutionPolicy:
    """The policy of all requests under a configuration."""
    return ExecutionPolicy(
        forwardable_names(config.headers.forward),
        config.traffic.timeout_seconds,
        config.masks_subgraph_messages,
    )


async def execute_operation(
    prepared: PreparedOperation, policy: ExecutionPolicy, times: FetchTimes | None = None
) -> ExecutionResult:
    """Answer a query or mutation; a subgraph's failure is an error in the result.

    The fetches are noted in `times`, where somebody wants to see them.
    """
    supergraph = prepared.supergraph
    supergraph.enter()
    try:
        result = await executor.execute(
            prepared.plan, prepared.operation.variables, _context(prepared, policy, times)
        )
    finally:
        supergraph.leave()
    return _masked(result) if policy.masks_subgraph_messages else result


async def deliver_operation(
    prepared: PreparedOperation, policy: ExecutionPolicy
) -> AsyncGenerator[Delivery, None]:
    """Answer a query or mutation in parts; closing the generator ends what is not done yet."""
    supergraph = prepared.supergraph
    supergraph.enter()
    try:
        deliveries = execute_in_parts(
            prepared.plan, prepared.operation.variables, _context(prepared, policy)
        )
        async with aclosing(deliveries):
            async for delivery in deliveries:
                masks = policy.masks_subgraph_messages
                yield _masked_delivery(delivery) if masks else delivery
    finally:
        supergraph.leave()


async def subscribe_operation(
    prepared: PreparedOperation, policy: ExecutionPolicy, times: FetchTimes | None = None
) -> AsyncGenerator[ExecutionResult, None]:
    """Yield a subscription's results; closing the generator ends it at the subgraph.

    The fetches of each event are noted in `times`.
    """
    supergraph = prepared.supergraph
    supergraph.enter()
    try:
        results = executor.subscribe(
            prepared.plan, prepared.operation.variables, _context(prepared, policy, times)
        )
        async with aclosing(results):
            async for result in results:
                yield _masked(result) if policy.masks_subgraph_messages else result
    finally:
        supergraph.leave()


def _context(
    prepared: PreparedOperation, policy: ExecutionPolicy, times: FetchTimes | None = None
) -> ExecutionContext:
    return ExecutionContext(
        prepared.supergraph.transports if times is None else times.transports,
        forwarded_headers(prepared.operation.request.headers, policy.forwarded),
        policy.timeout_seconds,
        # What follows a mutation, or an event, has to see what that changed.
        is_shareable=prepared.kind == "query",
        resume_after=resume_after(prepared) if prepared.kind == "subscription" else None,
    )


def resume_after(prepared: PreparedOperation) -> str | None:
    """The id of the event after which a client wants to go on, if it has one of ours."""
    given = prepared.request.headers.get(LAST_EVENT_ID)
    return given if given is not None and _EVENT_ID.fullmatch(given) else None


def _masked(result: ExecutionResult) -> ExecutionResult:
    if not result.errors:
        return result
    return result.with_errors(_masked_errors(result.errors))


def _masked_delivery(delivery: Delivery) -> Delivery:
    pieces = [
        replace(piece, errors=_masked_errors(piece.errors)) if piece.errors else piece
        for piece in delivery.pieces
    ]
    result = None if delivery.result is None else _masked(delivery.result)
    return replace(delivery, result=result, pieces=pieces)


def _masked_errors(errors: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(map(_masked_error, errors))


def _masked_error(error: dict[str, Any]) -> dict[str, Any]:
    extensions = error.get("extensions") or {}
    if "serviceName" not in extensions:
        return error  # the gateway's own words
    kept = {name: extensions[name] for name in UNMASKED_EXTENSIONS if name in extensions}
    return {**error, "message": MASKED_MESSAGE, "extensions": kept}
