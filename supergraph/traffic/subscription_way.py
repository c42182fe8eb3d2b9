"""The ways in which one subgraph's subscriptions travel."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from supergraph.errors import broken_invariant
from supergraph.names import SubgraphName
from supergraph.protocols.result_stream import ACCEPTED
from supergraph.traffic.callback_subscription import CallbackSubscriptions
from supergraph.traffic.callbacks import Callbacks
from supergraph.traffic.response_stream import OpenStream
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.stream_subscription import StreamSubscriptions
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from supergraph.traffic.websocket_subscription import Socket, SubscriptionSockets

__all__ = [
    "OVER_WEBSOCKET",
    "SubscriptionProtocol",
    "SubscriptionWay",
    "Subscriptions",
    "new_subscriptions",
]

SubscriptionProtocol: TypeAlias = Literal["websocket", "sse", "multipart", "callback"]


@dataclass(frozen=True, slots=True)
class SubscriptionWay:
    """How a subgraph is subscribed to.

    `path` replaces that of the subgraph's address. `silence_seconds` is for streams that showed
    signs of life. The protocol "callback" needs `callbacks`.
    """

    protocol: SubscriptionProtocol = "websocket"
    path: str | None = None
    silence_seconds: float = 60.0
    callbacks: Callbacks | None = None


OVER_WEBSOCKET = SubscriptionWay()


class Subscriptions(Protocol):
    """The subscriptions of one subgraph over one protocol."""

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield a subscription's events; closing the generator ends it at the subgraph."""

    async def close(self) -> None:
        """End those that still run."""


def new_subscriptions(
    name: SubgraphName,
    way: SubscriptionWay,
    settings: TransportSettings,
    open_socket: Callable[[SubgraphRequest], Awaitable[Socket]],
    open_stream: OpenStream,
) -> Subscriptions:
    """Over the way's protocol, by what the transport can open."""
    if way.protocol == "websocket":
        return SubscriptionSockets(name, open_socket, settings)
    if way.protocol == "callback":
        if way.callbacks is None:
            broken_invariant("who asks for callbacks says where they are received")
        return CallbackSubscriptions(name, open_stream, settings, way.callbacks)
    accept = ACCEPTED[way.protocol]
    return StreamSubscriptions(name, open_stream, settings, accept, way.silence_seconds)
