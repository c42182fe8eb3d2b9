"""uvicorn's HTTP protocol with bounds on a request's head, which it has for h11 only.

Without them a client that never ends its head (or sends a byte of it now and then) holds memory
and a connection for as long as it likes. The body's bounds are in `body`.
"""

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["BoundedConfig", "BoundedHttpProtocol"]

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedConfig(uvicorn.Config):
    """uvicorn's settings and the bounds of a head; handed to worker processes as it is."""

    def __init__(self, app: Any, *, head_bytes: int, head_seconds: float, **settings: Any) -> None:
        super().__init__(app, http=BoundedHttpProtocol, **settings)
        self.head_bytes = head_bytes
        self.head_seconds = head_seconds


class BoundedHttpProtocol(HttpToolsProtocol):
    """A connection whose requests must finish their head in time and within the size.

    The timer runs exactly while a head is awaited, so it also says that one is.
    """

    config: BoundedConfig

    _head_size = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """The first head is awaited from the start."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._head_ended()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A later head is awaited from its first byte; until then keep-alive bounds the pause."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._head_ended()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Parse, then count what belongs to a head that is still not complete."""
        super().data_received(data)
        if self._head_timer is None:
            return
        self._head_size += len(data)
        if self._head_size > self.config.head_bytes and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _await_head(self) -> None:
        self._head_ended()
        self._head_timer = self.loop.call_later(self.config.head_seconds, self.transport.close)

    def _head_ended(self) -> None:
        self._head_size = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
