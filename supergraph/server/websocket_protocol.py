"""A WebSocket connection: the server's side of ASGI, for thousands of clients that wait.

https://asgi.readthedocs.io/en/latest/specs/www.html#websocket-connection-scope. It does what
uvicorn's own protocol does, without what that holds per connection (a protocol object with its
parser, an event, three deques, the handshake twice) and most of what it does per message. The
handshake is judged by `websockets`, and forgotten.
"""

import asyncio
import logging
import os
from collections import deque
from collections.abc import Callable
from typing import Any

from starlette.types import Message, Scope
from uvicorn.protocols.utils import ClientDisconnected
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from supergraph.protocols import websocket_frames as frames
from supergraph.protocols.transport_ws.messages import KEEP_ALIVE_TIMEOUT
from supergraph.protocols.websocket_frames import (
    ClosingFrame,
    DataMessage,
    FrameError,
    FrameReader,
    PingFrame,
    Received,
)
from supergraph.server.stall_watch import StallWatch

__all__ = ["WebSocketProtocol"]

#: How long a client may take to answer a close frame.
CLOSE_SECONDS = 10.0
ABNORMAL_CLOSURE = 1006  # https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
SERVICE_RESTART = 1012
log = logging.getLogger("uvicorn.error")


class WebSocketProtocol(asyncio.Protocol):
    """One connection, from the handshake on.

    At most what one read brought waits for the application: then nothing is read until it has
    taken it. A client that leaves what is sent to it unread, or a ping unanswered, is cut off.
    """

    __slots__ = (
        "_accepted",
        "_close_sent",
        "_config",
        "_disconnect",
        "_messages",
        "_pinged",
        "_reader",
        "_reading",
        "_response",
        "_scope",
        "_stall",
        "_state",
        "_timer",
        "_transport",
        "_writable",
    )

    def __init__(self, config: Any, server_state: Any) -> None:
        self._config = config  # a BoundedConfig
        self._state = server_state
        self._transport: Any = None
        self._scope: Scope = {}
        self._reading = FrameReader(config.ws_max_size)
        self._response: Response | None = None
        self._accepted = False
        self._close_sent = False
        # What waits for the application, and the application when it waits.
        self._messages: deque[Message] | None = None
        self._disconnect: Message | None = None
        self._reader: asyncio.Future[None] | None = None
        # There while nothing may be written.
        self._writable: asyncio.Event | None = None
        self._stall: StallWatch | None = None
        # The one deadline: the next ping, its pong, or the answer to a close frame.
        self._timer: asyncio.TimerHandle | None = None
        self._pinged: bytes | None = None

    def begin(self, transport: asyncio.Transport, scope: Scope) -> None:
        """Take over a connection whose head was read as that of an HTTP request."""
        self._transport = transport
        self._state.connections.add(self)
        handshake = ServerProtocol()
        headers = Headers(
            (name.decode(), value.decode("latin-1")) for name, value in scope["headers"]
        )
        target = scope["raw_path"] + (
            b"?" + scope["query_string"] if scope["query_string"] else b""
        )
        response = handshake.accept(Request(target.decode("latin-1"), headers, scope["method"]))
        if response.status_code != 101:
            self._refuse(response)
            return
        self._response = response
        self._scope = _websocket_scope(scope)
        self._put({"type": "websocket.connect"})
        task = asyncio.get_running_loop().create_task(self._run())
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the application, and wake it wherever it waits."""
        self._set_timer(None)
        if self._stall is not None:
            self._stall.end()
        self._state.connections.discard(self)
        self._end(frames.NO_STATUS if self._accepted else ABNORMAL_CLOSURE)
        self._accepted = True
        self._close_sent = True
        self.resume_writing()
        if exc is None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Read frames; of what breaks the protocol the client is told, and nobody else."""
        try:
            for received in self._reading.receive(data):
                self._take(received)
                if self._transport.is_closing():
                    return
        except FrameError as error:
            self._end(error.code, error.reason)
            self._send_close(error.code, error.reason)
            self._transport.close()

    def eof_received(self) -> None:
        """The transport closes itself."""

    def pause_writing(self) -> None:
        """More waits than should."""
        self._writable = self._writable or asyncio.Event()
        self._must_be_read()

    def resume_writing(self) -> None:
        """The client reads, or has gone."""
        if self._stall is not None:
            self._stall.end()
        writable, self._writable = self._writable, None
        if writable is not None:
            writable.set()

    def shutdown(self) -> None:
        """The server leaves: say so, and do not wait for an answer."""
        self._set_timer(None)
        if not self._accepted:
            self._refuse(ServerProtocol().reject(500, "Internal Server Error"))
        else:
            self._end(SERVICE_RESTART)
            self._send_close(SERVICE_RESTART, "")
        self._transport.close()

    async def receive(self) -> Message:
        """The next message; nothing follows the end of the connection."""
        while not self._messages:
            if self._disconnect is not None:
                return self._disconnect
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        message = self._messages.popleft()
        if not self._messages:
            self._messages = None
            if self._accepted:
                self._transport.resume_reading()
        return message

    async def send(self, message: Message) -> None:
        """Write; waits while the client does not read, and raises `OSError` when it has gone."""
        while self._writable is not None:
            await self._writable.wait()
        kind = message["type"]
        if self._close_sent:
            if self._disconnect is None:
                raise RuntimeError(f"the ASGI message {kind!r} follows the end")
            raise ClientDisconnected
        if kind == "websocket.send" and self._accepted:
            if self._transport.is_closing():
                # Nothing is sent any more, so nothing makes the application wait: it would keep
                # the event loop from telling it of the end.
                raise ClientDisconnected
            text = message.get("text")
            frame = (
                frames.text_frame(text)
                if text is not None
                else frames.binary_frame(message["bytes"])
            )
            self._transport.write(frame)
        elif kind == "websocket.close" and self._accepted:
            self._close(message.get("code", 1000), message.get("reason") or "")
        elif kind == "websocket.accept" and not self._accepted:
            self._accept(message)
        elif kind == "websocket.close":
            self._end(ABNORMAL_CLOSURE)
            self._refuse(ServerProtocol().reject(403, ""))
        else:
            raise RuntimeError(f"the ASGI message {kind!r} is out of place")

    async def _run(self) -> None:
        try:
            await self._config.loaded_app(self._scope, self.receive, self.send)
        except ClientDisconnected:
            pass  # an application need not care
        except BaseException:  # the server goes on whatever an application does
            log.exception("Exception in ASGI application\n")
        if not self._accepted and not self._transport.is_closing():
            self._refuse(ServerProtocol().reject(500, "Internal Server Error"))
        elif not self._close_sent or self._timer is None:
            self._transport.close()
        # The connection closes after this; what it still has to write must get done.
        self._must_be_read()

    def _accept(self, message: Message) -> None:
        response, self._response = self._response, None
        if response is None or self._transport.is_closing():
            return
        del response.headers["Date"]  # it is one of the server's own
        for name, value in (*self._state.default_headers, *message.get("headers", ())):
            response.headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        if subprotocol := message.get("subprotocol"):
            response.headers["Sec-WebSocket-Protocol"] = subprotocol
        self._transport.write(response.serialize())
        self._accepted = True
        self._set_timer(self._config.ws_ping_interval, self._ping)

    def _refuse(self, response: Response) -> None:
        self._response = None
        self._accepted = True
        self._close_sent = True
        self._transport.write(response.serialize())
        self._transport.close()

    def _take(self, received: Received) -> None:
        if isinstance(received, DataMessage):
            if not self._close_sent:
                content = received.content
                kind = "text" if isinstance(content, str) else "bytes"
                self._put({"type": "websocket.receive", kind: content})
        elif isinstance(received, PingFrame):
            if not self._close_sent:
                self._transport.write(frames.pong_frame(received.payload))
        elif isinstance(received, ClosingFrame):
            self._end(received.code, received.reason)
            self._send_close(received.code, "")
            self._transport.close()
        elif received.payload == self._pinged:  # others are stale, or nobody asked for them
            self._pinged = None
            self._set_timer(self._config.ws_ping_interval, self._ping)

    def _put(self, message: Message) -> None:
        if self._messages is None:
            self._messages = deque()
            if self._accepted:
                self._transport.pause_reading()
        self._messages.append(message)
        self._wake()

    def _end(self, code: int, reason: str = "") -> None:
        """The application learns of the end, once it has read what came before."""
        if self._disconnect is None:
            self._disconnect = {"type": "websocket.disconnect", "code": code, "reason": reason}
            self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _close(self, code: int, reason: str) -> None:
        """Close, and give the client time to answer."""
        if self._transport.is_closing():
            return
        self._end(code, reason)
        self._send_close(code, reason)
        if self._messages is not None:
            self._messages = None
            self._transport.resume_reading()
        self._set_timer(CLOSE_SECONDS, self._transport.close)

    def _send_close(self, code: int, reason: str) -> None:
        """Send it unless one was sent; nothing may follow it."""
        self._set_timer(None)
        if not self._close_sent:
            self._close_sent = True
            self._transport.write(frames.close_frame(code, reason))

    def _ping(self) -> None:
        self._pinged = os.urandom(4)
        self._transport.write(frames.ping_frame(self._pinged))
        self._set_timer(self._config.ws_ping_timeout, self._is_silent)

    def _is_silent(self) -> None:
        """No pong: tell the application too, which would write on."""
        self._end(KEEP_ALIVE_TIMEOUT.code, KEEP_ALIVE_TIMEOUT.reason)
        self._send_close(KEEP_ALIVE_TIMEOUT.code, KEEP_ALIVE_TIMEOUT.reason)
        self._transport.close()

    def _set_timer(self, seconds: float | None, act: Callable[[], None] | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if seconds and act is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, act)

    def _must_be_read(self) -> None:
        """Cut the connection off once the client leaves unread what waits for it."""
        if self._stall is None:
            self._stall = StallWatch(self._transport, self._config.stall_seconds)
        self._stall.begin()


def _websocket_scope(scope: Scope) -> Scope:
    """The scope of the request that asked for it, made one of a WebSocket."""
    del scope["method"]
    offered = [value for name, value in scope["headers"] if name == b"sec-websocket-protocol"]
    scope["type"] = "websocket"
    scope["asgi"] = {**scope["asgi"], "spec_version": "2.4"}
    scope["scheme"] = "wss" if scope["scheme"] == "https" else "ws"
    scope["subprotocols"] = [
        token.strip() for value in offered for token in value.decode("latin-1").split(",")
    ]
    return scope
