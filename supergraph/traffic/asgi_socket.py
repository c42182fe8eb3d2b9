"""A WebSocket to an ASGI app in this process, without a socket.

The app runs in a task with a `websocket` scope, as a server would call it. Frames wait in two
bounded queues, so a side that does not read makes the other one wait, as a full socket does.

https://asgi.readthedocs.io/en/latest/specs/www.html#websocket
"""

import asyncio
import contextvars
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message

from supergraph.protocols.transport_ws.messages import BAD_RESPONSE, SUBPROTOCOL
from supergraph.telemetry.logs import logger
from supergraph.traffic.forwarding import forwardable
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.subscription_socket import SocketRefusedError
from supergraph.traffic.transport import SubgraphRequest

__all__ = ["AsgiSocket", "open_asgi_socket"]

#: Frames that wait in one direction; uvicorn's default for a real socket.
FRAMES_MAX = 32
#: How long an app has to end once its client has gone; then it is cancelled.
CLOSE_SECONDS = 1.0
log = logger(__name__)


async def open_asgi_socket(
    app: ASGIApp,
    path: str,
    request: SubgraphRequest,
    settings: TransportSettings,
    *,
    state: Mapping[str, Any],
) -> "AsgiSocket":
    """Open a socket with the request's headers; the caller sets the time limit.

    `state` is what the app's lifespan left. Raises `SocketRefusedError` when the app does not
    accept.
    """
    headers = {
        **forwardable(request.headers),
        "host": "subgraph.internal",
        "sec-websocket-protocol": SUBPROTOCOL,
    }
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": quote(path).encode("ascii"),
        "root_path": "",
        "query_string": b"",
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
        ],
        "client": None,
        "server": None,
        "subprotocols": [SUBPROTOCOL],
        "state": dict(state),
        "extensions": {},
    }
    socket = AsgiSocket(app, scope, settings.response_bytes_max)
    try:
        await socket.accepted()
    except BaseException:
        await socket.close(BAD_RESPONSE.code)
        raise
    return socket


class AsgiSocket:
    """The client's end of a WebSocket whose server is an ASGI app; a `Socket`."""

    def __init__(self, app: ASGIApp, scope: dict[str, Any], frame_bytes_max: int) -> None:
        self.close_code: int | None = None
        self._frame_bytes_max = frame_bytes_max
        self._to_app: asyncio.Queue[Message] = asyncio.Queue(FRAMES_MAX)
        self._from_app: asyncio.Queue[Message] = asyncio.Queue(FRAMES_MAX)
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._is_closed = False
        # The app outlives the request that opened it, and so must not log under its name.
        self._task = asyncio.create_task(self._run(app, scope), context=contextvars.Context())

    async def accepted(self) -> None:
        """Wait for the app's answer to the handshake."""
        answer = await self._from_app.get()
        if answer["type"] != "websocket.accept":
            self._is_closed = True
            raise SocketRefusedError("the handshake was refused")
        if answer.get("subprotocol") != SUBPROTOCOL:
            raise SocketRefusedError(f"the subprotocol {SUBPROTOCOL} was not accepted")

    async def send(self, text: str) -> None:
        """Hand the app a frame."""
        if not self._is_closed:
            await self._to_app.put({"type": "websocket.receive", "text": text})
        if self._is_closed or self._task.done():
            raise ConnectionError("the app has closed the WebSocket")

    async def receive(self) -> str | None:
        """The next text frame; any other kind of message ends the socket."""
        if self._is_closed:
            return None
        message = await self._from_app.get()
        text: str | None = message.get("text")
        if message["type"] == "websocket.send" and text is not None:
            if len(text) <= self._frame_bytes_max:
                return text
            self.close_code = 1009
        elif message["type"] == "websocket.close":
            self.close_code = message.get("code", 1000)
        else:
            self.close_code = BAD_RESPONSE.code
        self._end()
        return None

    async def close(self, code: int) -> None:
        """Tell the app that its client has gone, and see it end."""
        self._end(code)
        if not self._task.done():
            await asyncio.wait([self._task], timeout=CLOSE_SECONDS)
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CLOSE_SECONDS)

    def _end(self, code: int = 1000) -> None:
        """From here on neither side waits for the other."""
        if self._is_closed:
            return
        self._is_closed = True
        _empty(self._from_app)
        _empty(self._to_app)
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": code, "reason": ""})

    async def _run(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        code = 1000
        try:
            await app(scope, self._to_app.get, self._app_sends)
        except Exception:  # whatever the app raises is the subgraph's fault, as over a socket
            if not self._is_closed:
                log.exception("subgraph_app_raised", path=scope["path"])
            code = 1011
        if not self._is_closed:
            await self._from_app.put({"type": "websocket.close", "code": code})
            _empty(self._to_app)  # nobody reads it: let a waiting sender learn of the end

    async def _app_sends(self, message: Message) -> None:
        if not self._is_closed:
            await self._from_app.put(message)
        if self._is_closed:
            raise OSError("the client has closed the WebSocket")


def _empty(queue: asyncio.Queue[Message]) -> None:
    while not queue.empty():
        queue.get_nowait()
