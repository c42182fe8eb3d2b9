"""A subgraph in this process: an ASGI app called without a socket.

The app sees an HTTP request (or a WebSocket, for subscriptions) exactly as a server would hand it
over, so moving a subgraph out of the process changes nothing in it.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from starlette.types import ASGIApp, Message

from supergraph.error_codes import runtime as codes
from supergraph.names import SubgraphName
from supergraph.telemetry.logs import logger
from supergraph.traffic.asgi_socket import open_asgi_socket
from supergraph.traffic.asgi_stream import open_asgi_stream
from supergraph.traffic.deadlines import Deadlines
from supergraph.traffic.failure import failure
from supergraph.traffic.forwarding import forwardable
from supergraph.traffic.in_flight import InFlight
from supergraph.traffic.lifespan import Lifespan
from supergraph.traffic.payload import (
    CarriesFilesError,
    RequestBody,
    encode_request,
    request_headers,
)
from supergraph.traffic.reply import read_reply
from supergraph.traffic.response_stream import ResponseStream
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.subscription_way import OVER_WEBSOCKET, SubscriptionWay, new_subscriptions
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from supergraph.traffic.websocket_subscription import Socket

__all__ = ["AsgiTransport"]

log = logger(__name__)

#: Status and body.
_Answer: TypeAlias = tuple[int, bytes]


class AsgiTransport:
    """Calls an ASGI app at one path, and runs its lifespan around all calls."""

    def __init__(
        self,
        name: SubgraphName,
        app: ASGIApp,
        settings: TransportSettings,
        path: str = "/graphql",
        way: SubscriptionWay = OVER_WEBSOCKET,
    ) -> None:
        self._name = name
        self._app = app
        self._settings = settings
        self._path = path
        self._lifespan = Lifespan(app)
        self._slots = asyncio.Semaphore(settings.connections_max)
        self._deadlines: Deadlines | None = None
        self._in_flight: InFlight[_Answer] | None = None
        self._subscription_path = way.path or path
        self._subscriptions = new_subscriptions(
            name, way, settings, self._open_socket, self._open_stream
        )

    async def start(self) -> None:
        """Start the app."""
        await self._lifespan.start()
        if self._settings.shares_in_flight:
            self._deadlines = Deadlines()
            self._in_flight = InFlight(self._deadlines)

    async def close(self) -> None:
        """End the subscriptions, then shut the app down."""
        await self._subscriptions.close()
        in_flight, deadlines = self._in_flight, self._deadlines
        self._in_flight = self._deadlines = None
        if in_flight is not None:
            await in_flight.close()
        if deadlines is not None:
            deadlines.close()
        await self._lifespan.stop()

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        """Call the app with a POST request and read the result."""
        seconds = min(request.timeout_seconds, self._settings.request_timeout_seconds)
        headers = request_headers(request)
        body: RequestBody
        try:
            body = encode_request(request, self._name)
        except CarriesFilesError as carried:
            own, body = carried.form()
            headers |= own
        try:
            if isinstance(body, bytes) and request.is_shareable and self._in_flight is not None:
                status, answer = await self._shared(self._in_flight, body, headers, seconds)
            else:
                async with asyncio.timeout(seconds):
                    status, answer = await self._call(body, headers)
        except TimeoutError as error:
            raise failure(self._name, codes.SUBGRAPH_TIMEOUT, "did not answer in time") from error
        except ConnectionAbortedError as error:
            raise failure(self._name, codes.SUBGRAPH_UNREACHABLE, "is no longer called") from error
        except _TooLargeError as error:
            maximum = self._settings.response_bytes_max
            what = f"answered with over {maximum} bytes"
            raise failure(self._name, codes.SUBGRAPH_RESPONSE_TOO_LARGE, what) from error
        return read_reply(answer, status, self._name)

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield the events of a subscription."""
        return self._subscriptions.subscribe(request)

    async def _shared(
        self, in_flight: InFlight[_Answer], body: bytes, headers: dict[str, str], seconds: float
    ) -> _Answer:
        """Call the app in a task of its own, so that any of those who wait for it may go."""
        deadline = asyncio.get_running_loop().time() + seconds
        key = (body, *headers.items())
        flight = in_flight.find(key)
        if flight is None:
            flight = in_flight.begin(key)
            if flight is None:
                async with asyncio.timeout(seconds):
                    return await self._call(body, headers)
            flight.carry(asyncio.create_task(self._call(body, headers)))
        return await flight.follow(deadline)

    async def _call(self, body: RequestBody, headers: dict[str, str]) -> _Answer:
        exchange = _Exchange(body, self._settings.response_bytes_max)
        scope = self._scope(self._path, headers, body)
        async with self._slots:
            try:
                await self._app(scope, exchange.receive, exchange.send)
            except _TooLargeError:
                raise
            except Exception:  # whatever the app raises is the subgraph's fault, as over HTTP
                log.exception("subgraph_app_raised", subgraph=self._name)
                exchange.status = 500
        return exchange.status, bytes(exchange.answer)

    def _scope(self, path: str, headers: Mapping[str, str], body: RequestBody) -> dict[str, Any]:
        own = {"host": "subgraph.internal"}
        if isinstance(body, bytes):
            own["content-length"] = str(len(body))
        else:
            own["transfer-encoding"] = "chunked"
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": quote(path).encode("ascii"),
            "root_path": "",
            "query_string": b"",
            "headers": [
                (name.encode("latin-1"), value.encode("latin-1"))
                for name, value in (*headers.items(), *own.items())
            ],
            "client": None,
            "server": None,
            "state": dict(self._lifespan.state),
        }

    async def _open_socket(self, request: SubgraphRequest) -> Socket:
        return await open_asgi_socket(
            self._app, self._subscription_path, request, self._settings, state=self._lifespan.state
        )

    async def _open_stream(
        self, request: SubgraphRequest, body: bytes, headers: Mapping[str, str]
    ) -> ResponseStream:
        sent = {**forwardable(request.headers), **headers}
        scope = self._scope(self._subscription_path, sent, body)
        return await open_asgi_stream(self._app, scope, body)


class _TooLargeError(Exception):
    """The answer is over the limit; raised inside the app, which ends it."""


class _Exchange:
    """The two ASGI callables of one request, and the answer they collect."""

    def __init__(self, body: RequestBody, answer_bytes_max: int) -> None:
        self.status = 500
        self.answer = bytearray()
        self._body: RequestBody | None = body
        self._answer_bytes_max = answer_bytes_max
        self._complete = asyncio.Event()

    async def receive(self) -> Message:
        body = self._body
        if isinstance(body, bytes):
            self._body = None
            return {"type": "http.request", "body": body, "more_body": False}
        if body is not None:
            part = await anext(body, None)
            if part is not None:
                return {"type": "http.request", "body": part, "more_body": True}
            self._body = None
            return {"type": "http.request", "body": b"", "more_body": False}
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
