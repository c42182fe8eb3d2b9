"""What an execution needs and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from supergraph.names import SubgraphName
from supergraph.traffic.transport import SubgraphTransport

__all__ = ["ENTITY_BATCH_MAX", "ERRORS_MAX", "ExecutionContext", "ExecutionResult"]

#: Representations in one `_entities` request; more are split over several requests.
ENTITY_BATCH_MAX = 1_000
#: Errors in one response; those that come after are dropped, the data stays complete.
ERRORS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class ExecutionContext:
    """The ways to the subgraphs and what is forwarded to them.

    `timeout_seconds` is the deadline of the whole operation; for a subscription, of each event.
    """

    transports: Mapping[SubgraphName, SubgraphTransport]
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float = 30.0
    entity_batch_max: int = ENTITY_BATCH_MAX


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """A GraphQL response: `data` as the client selected it, and the errors."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]] = field(default_factory=list)
