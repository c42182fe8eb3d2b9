"""uvicorn's WebSocket protocol, with an end for clients that do not read."""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from supergraph.protocols.transport_ws.messages import KEEP_ALIVE_TIMEOUT
from supergraph.server.stall_watch import StallWatch

__all__ = ["BoundedWebSocketProtocol"]


class BoundedWebSocketProtocol(WebSocketsSansIOProtocol):
    """A connection that is cut off when its client leaves what was sent to it unread."""

    _stall: StallWatch

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The watch begins when there is something to watch."""
        super().connection_made(transport)
        config: Any = self.config  # a BoundedConfig
        self._stall = StallWatch(self.transport, config.stall_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing has to be read any more."""
        self._stall.end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """More waits than should."""
        super().pause_writing()
        self._stall.begin()

    def resume_writing(self) -> None:
        """The client reads."""
        self._stall.end()
        super().resume_writing()

    def keepalive_timeout(self) -> None:
        """Tell the application too: it would write on, and be told that it must not."""
        super().keepalive_timeout()
        if self.close_sent and not self.disconnected:
            self.disconnected = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": KEEP_ALIVE_TIMEOUT.code})

    async def run_asgi(self) -> None:
        """The connection closes after this; what it still has to write must get done."""
        await super().run_asgi()
        self._stall.begin()
