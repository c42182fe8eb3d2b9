"""The interface every subgraph transport keeps."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

import msgspec

__all__ = ["SubgraphReply", "SubgraphRequest", "SubgraphTransport"]


class SubgraphRequest(msgspec.Struct, frozen=True):
    """One GraphQL operation for one subgraph.

    `variables` are JSON values; `headers` were chosen by the forwarding policy already, names in
    lower case. `timeout_seconds` bounds the whole exchange; for a subscription it bounds only the
    time until the stream is open.

    A request that `is_safe_to_repeat` (a query, never a mutation) may be sent again when its
    connection turns out to be closed. One that `is_shareable` may be answered by an equal one that
    is on its way already, and so see the subgraph as it was a moment before: right for a client's
    query, wrong for what has to see the effect of a mutation or of an event. `entities_variable`
    names the variable with the representations where the operation is nothing but one `_entities`
    selection, and so can be merged with others. A subscription goes on after the event whose id is
    `resume_after`, where the source keeps what it sent.
    """

    query: str
    variables: Mapping[str, Any] = {}
    operation_name: str | None = None
    headers: Mapping[str, str] = {}
    timeout_seconds: float = 30.0
    is_safe_to_repeat: bool = False
    is_shareable: bool = False
    entities_variable: str | None = None
    resume_after: str | None = None


class SubgraphReply(msgspec.Struct, frozen=True):
    """A GraphQL result as the subgraph sent it: checked in its outer shape only.

    Its containers belong to whoever asked, who may change them. An event that a subscription can
    go on after has an `event_id`.
    """

    data: dict[str, Any] | None
    errors: tuple[dict[str, Any], ...] = ()
    extensions: dict[str, Any] | None = None
    event_id: str | None = None


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
