"""Limits of the traffic towards one subgraph."""

from dataclasses import dataclass

__all__ = ["TransportSettings"]


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """What one transport may take.

    A request over its time, or an answer over its size, fails with a coded `SubgraphError`.
    Requests beyond `connections_max` wait for a free connection, within their own time limit;
    subscription sockets have a pool of their own, `sockets_max`, so that they never starve
    requests. A subscription socket carries at most `subscriptions_per_socket_max` streams
    (Strawberry refuses the 101st), and a stream buffers at most `stream_events_max` events before
    its socket is left unread until the consumer catches up.

    An HTTP connection is kept for `idle_seconds`: less than the 5 seconds after which uvicorn and
    Node close it, so that few requests meet a connection that is being closed.

    With `shares_in_flight`, equal shareable requests that are on their way at the same time are
    one.
    """

    connect_timeout_seconds: float = 5.0
    request_timeout_seconds: float = 30.0
    response_bytes_max: int = 50_000_000
    head_bytes_max: int = 65_536
    accepts_compressed: bool = False
    connections_max: int = 100
    idle_seconds: float = 4.0
    sockets_max: int = 1_000
    subscriptions_per_socket_max: int = 90
    stream_events_max: int = 256
    shares_in_flight: bool = True
