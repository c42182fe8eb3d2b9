"""A subgraph over HTTP: pooled keep-alive connections, and others for subscriptions."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import aiohttp

from supergraph.error_codes import runtime as codes
from supergraph.errors import broken_invariant
from supergraph.names import SubgraphName
from supergraph.traffic.aiohttp_socket import open_aiohttp_socket
from supergraph.traffic.aiohttp_stream import open_aiohttp_stream
from supergraph.traffic.failure import exchange_failure, failure
from supergraph.traffic.forwarding import forwardable
from supergraph.traffic.http1.client import Http1Client
from supergraph.traffic.http1.errors import Http1Error
from supergraph.traffic.http1.target import Target, parse_target
from supergraph.traffic.payload import OWN_HEADERS, CarriesFilesError, RequestBody, encode_request
from supergraph.traffic.reply import read_reply
from supergraph.traffic.response_stream import ResponseStream, whole_body
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.subscription_way import OVER_WEBSOCKET, SubscriptionWay, new_subscriptions
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from supergraph.traffic.websocket_subscription import Socket

__all__ = ["HttpTransport"]

#: The system probes a silent connection after this long and as often; lost after so many.
PROBE_SECONDS = 20
PROBES_MAX = 3


class HttpTransport:
    """Sends operations to one URL, or to a path behind a Unix socket.

    Certificates are always verified: against the system's authorities, or by `ssl_context`. Raises
    ValueError for an address that leads nowhere.
    """

    def __init__(
        self,
        name: SubgraphName,
        url: str,
        settings: TransportSettings,
        ssl_context: ssl.SSLContext | None = None,
        way: SubscriptionWay = OVER_WEBSOCKET,
    ) -> None:
        self._name = name
        self._target = _target(name, url)
        self._settings = settings
        self._seconds_max = settings.request_timeout_seconds
        self._shares_in_flight = settings.shares_in_flight
        self._ssl_context = ssl_context
        self._client: Http1Client | None = None
        self._session: aiohttp.ClientSession | None = None
        self._subscription_path = way.path or self._target.path
        self._subscriptions = new_subscriptions(
            name, way, settings, self._open_socket, self._open_stream
        )

    async def start(self) -> None:
        """Make the pools; connections are opened when they are needed."""
        if self._target.is_tls and self._ssl_context is None:
            self._ssl_context = ssl.create_default_context()
        self._client = Http1Client(self._target, self._settings, OWN_HEADERS, self._ssl_context)
        self._session = _session(self._target, self._settings.sockets_max, self._ssl_context)

    async def close(self) -> None:
        """End the subscriptions, then the connections."""
        await self._subscriptions.close()
        client, self._client = self._client, None
        session, self._session = self._session, None
        if client is not None:
            await client.close()
        if session is not None:
            await session.close()

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        """POST the operation and read the result."""
        client = self._client
        if client is None:
            broken_invariant("a transport is started before it is used")
        seconds = min(request.timeout_seconds, self._seconds_max)
        try:
            try:
                status, body = await client.post(
                    encode_request(request, self._name),
                    forwardable(request.headers),
                    timeout_seconds=seconds,
                    is_safe_to_repeat=request.is_safe_to_repeat,
                    is_shareable=request.is_shareable and self._shares_in_flight,
                )
            except CarriesFilesError as carried:
                status, body = await self._post_form(carried, request, seconds)
        except TimeoutError as error:
            raise failure(self._name, codes.SUBGRAPH_TIMEOUT, "did not answer in time") from error
        except (OSError, Http1Error) as error:
            raise exchange_failure(self._name, error) from error
        return read_reply(body, status, self._name)

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield the events of a subscription."""
        return self._subscriptions.subscribe(request)

    async def _post_form(
        self, carried: CarriesFilesError, request: SubgraphRequest, seconds: float
    ) -> tuple[int, bytes]:
        """Send files over aiohttp: our own client holds a body in memory as a whole."""
        headers, body = carried.form()
        async with asyncio.timeout(seconds):
            stream = await self._stream(self._target.path, request, body, headers)
            try:
                return stream.status, await whole_body(stream, self._settings.response_bytes_max)
            finally:
                await stream.close()

    async def _open_socket(self, request: SubgraphRequest) -> Socket:
        session, url = self._address("ws", self._subscription_path)
        return await open_aiohttp_socket(session, url, request, self._settings)

    async def _open_stream(
        self, request: SubgraphRequest, body: bytes, headers: Mapping[str, str]
    ) -> ResponseStream:
        return await self._stream(self._subscription_path, request, body, headers)

    async def _stream(
        self, path: str, request: SubgraphRequest, body: RequestBody, headers: Mapping[str, str]
    ) -> ResponseStream:
        session, url = self._address("http", path)
        seconds = self._settings.connect_timeout_seconds
        return await open_aiohttp_stream(session, url, request, body, headers, seconds)

    def _address(self, scheme: str, path: str) -> tuple[aiohttp.ClientSession, str]:
        if self._session is None:
            broken_invariant("a transport is started before it is used")
        tls = "s" if self._target.is_tls else ""
        return self._session, f"{scheme}{tls}://{self._target.authority}{path}"


def _target(name: SubgraphName, url: str) -> Target:
    try:
        return parse_target(url)
    except ValueError as error:
        raise ValueError(f'The target {url!r} of subgraph "{name}" is refused: {error}.') from error


def _session(
    target: Target, sockets_max: int, ssl_context: ssl.SSLContext | None
) -> aiohttp.ClientSession:
    connector: aiohttp.BaseConnector
    if target.unix_path:
        connector = aiohttp.UnixConnector(target.unix_path, limit=sockets_max)
    else:
        connector = aiohttp.TCPConnector(
            limit=sockets_max, ssl=ssl_context or True, socket_factory=_watched_socket
        )
    # A subgraph's cookies belong to nobody: keeping them would mix callers.
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


def _watched_socket(
    address: tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]],
) -> socket.socket:
    """A socket whose system notices that the other host is gone, where nothing is ever written."""
    family, kind, protocol, _, _ = address
    watched = socket.socket(family, kind, protocol)
    watched.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        watched.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, PROBE_SECONDS)
        watched.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PROBE_SECONDS)
        watched.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, PROBES_MAX)
    return watched
