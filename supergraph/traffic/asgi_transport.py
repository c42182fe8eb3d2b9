"""A subgraph in this process: an ASGI app called without a socket.

The app sees an HTTP request (a WebSocket for subscriptions) exactly as a server would hand it
over, so moving a subgraph out of the process changes nothing in it.
"""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.telemetry.logs import logger
from supergraph.traffic.asgi_socket import open_asgi_socket
from supergraph.traffic.lifespan import Lifespan
from supergraph.traffic.payload import encode_request, request_headers
from supergraph.traffic.reply import read_reply
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from supergraph.traffic.websocket_subscription import Socket, SubscriptionSockets

__all__ = ["AsgiTransport"]

log = logger(__name__)


class AsgiTransport:
    """Calls an ASGI app at one path, and runs its lifespan around all calls."""

    def __init__(
        self,
        name: SubgraphName,
        app: ASGIApp,
        settings: TransportSettings,
        path: str = "/graphql",
    ) -> None:
        self._name = name
        self._app = app
        self._settings = settings
        self._path = path
        self._lifespan = Lifespan(app)
        self._slots = asyncio.Semaphore(settings.connections_max)
        self._sockets = SubscriptionSockets(name, self._open_socket, settings)

    async def start(self) -> None:
        """Start the app."""
        await self._lifespan.start()

    async def close(self) -> None:
        """End the subscriptions, then shut the app down."""
        await self._sockets.close()
        await self._lifespan.stop()

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        """Call the app with a POST request and read the result."""
        seconds = min(request.timeout_seconds, self._settings.request_timeout_seconds)
        try:
            async with asyncio.timeout(seconds), self._slots:
                status, body = await self._call(request)
        except TimeoutError as error:
            raise SubgraphError(
                codes.SUBGRAPH_TIMEOUT,
                f'Subgraph "{self._name}" did not answer in time.',
                self._name,
            ) from error
        return read_reply(body, status, self._name)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield the events of a subscription over the app's WebSocket."""
        async with aclosing(self._sockets.subscribe(request)) as events:
            async for event in events:
                yield event

    async def _call(self, request: SubgraphRequest) -> tuple[int, bytes]:
        body = encode_request(request)
        headers = request_headers(request) | {
            "host": "subgraph.internal",
            "content-length": str(len(body)),
        }
        exchange = _Exchange(body, self._settings.response_bytes_max)
        try:
            await self._app(self._scope(headers), exchange.receive, exchange.send)
        except _TooLargeError as error:
            raise SubgraphError(
                codes.SUBGRAPH_RESPONSE_TOO_LARGE,
                f'Subgraph "{self._name}" answered with over '
                f"{self._settings.response_bytes_max} bytes.",
                self._name,
            ) from error
        except Exception:  # whatever the app raises is the subgraph's fault, as over HTTP
            log.exception("subgraph_app_raised", subgraph=self._name)
            exchange.status = 500
        return exchange.status, bytes(exchange.answer)

    def _scope(self, headers: MutableMapping[str, str]) -> dict[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": self._path,
            "raw_path": quote(self._path).encode("ascii"),
            "root_path": "",
            "query_string": b"",
            "headers": [
                (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
            ],
            "client": None,
            "server": None,
            "state": dict(self._lifespan.state),
        }

    async def _open_socket(self, request: SubgraphRequest) -> Socket:
        return await open_asgi_socket(
            self._app, self._path, request, self._settings, state=self._lifespan.state
        )


class _TooLargeError(Exception):
    """The answer is over the limit; raised inside the app, which ends it."""


class _Exchange:
    """The two ASGI callables of one request, and the answer they collect."""

    def __init__(self, body: bytes, answer_bytes_max: int) -> None:
        self.status = 500
        self.answer = bytearray()
        self._body: bytes | None = body
        self._answer_bytes_max = answer_bytes_max
        self._complete = asyncio.Event()

    async def receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        # The client is there until it has the whole answer.
        await self._complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.answer += message.get("body", b"")
            if len(self.answer) > self._answer_bytes_max:
                raise _TooLargeError
            if not message.get("more_body", False):
                self._complete.set()
