"""How the gateway is put behind uvicorn: every limit that the HTTP server knows is set here."""

import socket
from collections.abc import Callable

from starlette.types import ASGIApp

from supergraph.config.gateway import GatewayConfig
from supergraph.server.http_protocol import BoundedConfig

__all__ = ["bind", "uvicorn_config"]

#: How long a client's machine may leave unanswered what was sent to it.
UNANSWERED_SECONDS = 60.0


def bind(host: str, port: int, backlog: int) -> socket.socket:
    """A listening socket, taken before anything else is started; raises OSError when it is busy."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        # Lets a restart take the port while old connections linger; it does not share the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _notice_vanished_clients(listener)
        listener.bind(address)
        listener.listen(backlog)
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener


def _notice_vanished_clients(listener: socket.socket) -> None:
    """Accepted connections inherit it; without it the system takes a quarter of an hour to notice.

    Whoever waits for events is sent signs of life, so that there is something to answer.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = int(UNANSWERED_SECONDS * 1_000)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def uvicorn_config(
    app: ASGIApp | Callable[..., ASGIApp] | str, config: GatewayConfig, *, workers: int = 1
) -> BoundedConfig:
    """The server's settings; an import string is a factory that each worker calls for itself."""
    return BoundedConfig(
        app,
        factory=isinstance(app, str),
        workers=workers,
        loop="uvloop",
        head_bytes=config.server.head_bytes,
        head_seconds=config.server.head_seconds,
        stall_seconds=config.server.stall_seconds,
        lifespan="on",
        log_config=None,  # lines go through our own logs
        access_log=False,  # the request log writes one with more in it
        server_header=False,
        proxy_headers=False,
        backlog=config.server.backlog,
        limit_concurrency=config.server.connections,
        timeout_keep_alive=config.server.keep_alive_seconds,
        timeout_graceful_shutdown=config.server.shutdown_seconds,
        ws_max_size=config.websocket.message_bytes,
        # A compressing connection takes some hundred kB, and frames of progress are short.
        ws_per_message_deflate=False,
        ws_ping_interval=config.websocket.ping_seconds,
        ws_ping_timeout=config.websocket.ping_seconds,
    )
