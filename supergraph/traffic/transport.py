"""The interface every subgraph transport keeps."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["SubgraphReply", "SubgraphRequest", "SubgraphTransport"]


@dataclass(frozen=True, slots=True)
class SubgraphRequest:
    """One GraphQL operation for one subgraph.

    `variables` are JSON values; `headers` were chosen by the forwarding policy already, names in
    lower case. `timeout_seconds` bounds the whole exchange; for a subscription it bounds only the
    time until the stream is open. A request that `is_safe_to_repeat` (a query, never a mutation)
    may be sent again when its connection turns out to be closed.
    """

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float = 30.0
    is_safe_to_repeat: bool = False


@dataclass(frozen=True, slots=True)
class SubgraphReply:
    """A GraphQL result as the subgraph sent it: checked in its outer shape only."""

    data: dict[str, Any] | None
    errors: tuple[dict[str, Any], ...] = ()
    extensions: dict[str, Any] | None = None


class SubgraphTransport(Protocol):
    """A way to one subgraph. Failures to get a reply are raised as `SubgraphError`."""

    async def start(self) -> None:
        """Open what the transport needs; called once before the first request."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        """Answer a query or mutation."""

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield a subscription's events; closing the generator ends it at the subgraph."""

    async def close(self) -> None:
        """Release connections; live subscriptions are ended."""
