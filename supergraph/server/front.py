"""The ASGI entry: every request gets an id, is answered, and leaves one line in the log.

GraphQL over HTTP or WebSocket goes straight to its endpoint; the router sees everything else. The
line has method, path, status and duration, and what the exchange says; never the query string,
which may hold variables.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supergraph.config.gateway import CompressionConfig, CorsConfig
from supergraph.records import record
from supergraph.server.answer import Answer, StreamedAnswer, send_answer, send_stream
from supergraph.server.client_headers import ClientHeaders
from supergraph.server.compression import compressed
from supergraph.server.cors import Cors
from supergraph.server.exchange import ID_HEADER, Exchange
from supergraph.server.http_cycle import CANCEL_WHEN_LEFT
from supergraph.server.middleware.mask_exceptions import INTERNAL_ERROR, masked_answer
from supergraph.telemetry.access_log import write_access_line
from supergraph.telemetry.logs import REQUEST_ID, logger

__all__ = ["Endpoints", "Front", "HttpEndpoint", "WebSocketEndpoint"]

#: The status in the log, as nginx has it, of a request whose client did not wait for the answer.
CLIENT_LEFT = 499
log = logger(__name__)

#: Answers a request, or with None one whose client has left.
HttpEndpoint = Callable[
    [Scope, Receive, ClientHeaders, Exchange], Awaitable[Answer | StreamedAnswer | None]
]
#: Serves a WebSocket to its end, and says in the exchange how it was closed.
WebSocketEndpoint = Callable[[Scope, Receive, Send, ClientHeaders, Exchange], Awaitable[None]]


@record
class Endpoints:
    """What answers at the GraphQL path."""

    http: HttpEndpoint
    websocket: WebSocketEndpoint


class Front:
    """An ASGI app: `endpoints` answer at `path`, below whatever the app is mounted at."""

    def __init__(
        self,
        path: str,
        endpoints: Endpoints,
        routes: ASGIApp,
        *,
        access: bool,
        compression: CompressionConfig,
        cors: CorsConfig,
    ) -> None:
        self._path = path
        self._endpoint = endpoints.http
        self._websocket = endpoints.websocket
        self._routes = routes
        self._access = access
        self._compressed_from = compression.bytes_min if compression.enabled else sys.maxsize
        self._cors = Cors(cors) if cors.origins else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on what is no request, such as the lifespan."""
        kind = scope["type"]
        if kind not in {"http", "websocket"}:
            await self._routes(scope, receive, send)
            return
        headers = ClientHeaders(scope["headers"])
        exchange = Exchange(headers.raw.get(ID_HEADER))
        token = REQUEST_ID.set(exchange.id)
        started = time.perf_counter()
        try:
            if _route_path(scope) != self._path:
                await self._pass_on(scope, receive, send, exchange)
            elif kind == "http":
                await self._answer(scope, receive, send, headers, exchange)
            else:
                await self._serve(scope, receive, send, headers, exchange)
        finally:
            if self._access:
                _write_line(scope, exchange, time.perf_counter() - started)
            REQUEST_ID.reset(token)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: ClientHeaders,
        exchange: Exchange,
    ) -> None:
        answer: Answer | StreamedAnswer | None = None
        extensions = scope.get("extensions")
        if extensions and CANCEL_WHEN_LEFT in extensions:
            exchange.cancel_when_left = extensions[CANCEL_WHEN_LEFT]
        cors = self._cors
        try:
            if cors is not None:
                answer = cors.preflight(scope["method"], headers)
            if answer is None:
                answer = await self._endpoint(scope, receive, headers, exchange)
        except asyncio.CancelledError:
            exchange.status = CLIENT_LEFT
            raise
        except Exception as error:  # the boundary where everything unexpected ends
            log.exception("unexpected_exception", path=scope["path"])
            answer = masked_answer(error)
        if answer is not None:
            exchange.status = answer.status
            if cors is not None:
                answer = replace(answer, headers=(*answer.headers, *cors.headers(headers)))
            if isinstance(answer, StreamedAnswer):
                await send_stream(answer, exchange.id, receive, send)
            else:
                if len(answer.body) >= self._compressed_from:
                    coding = headers.raw.get(b"accept-encoding", b"")
                    answer = await compressed(answer, coding)
                await send_answer(answer, exchange.id, send)

    async def _serve(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: ClientHeaders,
        exchange: Exchange,
    ) -> None:
        try:
            await self._websocket(scope, receive, send, headers, exchange)
        except Exception:  # the boundary where everything unexpected ends
            log.exception("unexpected_exception", path=scope["path"])
            exchange.status = INTERNAL_ERROR
            await send({"type": "websocket.close", "code": INTERNAL_ERROR})

    async def _pass_on(
        self, scope: Scope, receive: Receive, send: Send, exchange: Exchange
    ) -> None:
        scope.setdefault("state", {})["exchange"] = exchange

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                MutableHeaders(raw=message["headers"])[ID_HEADER.decode()] = exchange.id
            elif message["type"] == "websocket.close":
                exchange.status = message.get("code", 1000)
            await send(message)

        await self._routes(scope, receive, send_with_id)


def _route_path(scope: Scope) -> str:
    """The path below the one that this app is mounted at."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root + "/") else path


def _write_line(scope: Scope, exchange: Exchange, seconds: float) -> None:
    said = exchange.said
    said["method"] = scope.get("method")
    said["path"] = scope["path"]
    said["status"] = exchange.status
    said["duration_ms"] = int(seconds * 100_000) / 100
    write_access_line("request" if scope["type"] == "http" else "websocket", said)
