"""uvicorn's HTTP protocol with bounds on a request's head, which it has for h11 only.

Without them a client that never ends its head (or sends a byte of it now and then) holds memory
and a connection for as long as it likes. The body's bounds are in `body`.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["BoundedHttpProtocol", "bounded_http_protocol"]

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


def bounded_http_protocol(head_bytes: int, head_seconds: float) -> type[HttpToolsProtocol]:
    """The protocol class for `uvicorn.Config(http=...)`, which makes one for each connection."""
    bounds = {"head_bytes_max": head_bytes, "head_seconds_max": head_seconds}
    return type("BoundedHttpProtocol", (BoundedHttpProtocol,), bounds)


class BoundedHttpProtocol(HttpToolsProtocol):
    """A connection whose requests must finish their head in time and within the size.

    The timer runs exactly while a head is awaited, so it also says that one is.
    """

    head_bytes_max: ClassVar[int] = 65_536
    head_seconds_max: ClassVar[float] = 10.0

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
        if self._head_size > self.head_bytes_max and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _await_head(self) -> None:
        self._head_ended()
        self._head_timer = self.loop.call_later(self.head_seconds_max, self.transport.close)

    def _head_ended(self) -> None:
        self._head_size = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
