"""A subgraph over HTTP: pooled keep-alive connections; subscriptions over WebSocket."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NoReturn

import aiohttp

from supergraph.error_codes import runtime as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.errors import SubgraphError, broken_invariant
from supergraph.names import SubgraphName
from supergraph.traffic.aiohttp_socket import open_aiohttp_socket
from supergraph.traffic.payload import encode_request, request_headers
from supergraph.traffic.reply import read_reply
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from supergraph.traffic.websocket_subscription import Socket, SubscriptionSockets

__all__ = ["HttpTransport"]

_CHUNK_BYTES = 64 * 1024


class HttpTransport:
    """Sends operations to one URL."""

    def __init__(self, name: SubgraphName, url: str, settings: TransportSettings) -> None:
        self._name = name
        self._url = url
        self._settings = settings
        self._requests: aiohttp.ClientSession | None = None
        self._websockets: aiohttp.ClientSession | None = None
        self._sockets = SubscriptionSockets(name, self._open_socket, settings)

    async def start(self) -> None:
        """Make the pools; connections are opened when they are needed."""
        self._requests = _session(self._settings.connections_max)
        self._websockets = _session(self._settings.sockets_max)

    async def close(self) -> None:
        """End the subscriptions, then the connections."""
        await self._sockets.close()
        sessions = (self._requests, self._websockets)
        self._requests = self._websockets = None
        for session in sessions:
            if session is not None:
                await session.close()

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        """POST the operation and read the result."""
        timeout = aiohttp.ClientTimeout(
            total=min(request.timeout_seconds, self._settings.request_timeout_seconds),
            sock_connect=self._settings.connect_timeout_seconds,
        )
        try:
            async with _opened(self._requests).post(
                self._url,
                data=encode_request(request),
                headers=request_headers(request),
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                body = await self._read(response)
                return read_reply(body, response.status, self._name)
        except TimeoutError as error:
            self._fail(codes.SUBGRAPH_TIMEOUT, "did not answer in time", error)
        except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError) as error:
            self._fail(codes.SUBGRAPH_UNREACHABLE, "closed the connection early", error)
        except aiohttp.ClientConnectionError as error:
            self._fail(codes.SUBGRAPH_UNREACHABLE, "cannot be reached", error)
        except aiohttp.ClientError as error:
            self._fail(codes.SUBGRAPH_MALFORMED_RESPONSE, "did not answer in HTTP", error)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield the events of a subscription over graphql-transport-ws."""
        async with aclosing(self._sockets.subscribe(request)) as events:
            async for event in events:
                yield event

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, given up as soon as it is over the limit."""
        maximum = self._settings.response_bytes_max
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > maximum:
                response.close()
                self._fail(
                    codes.SUBGRAPH_RESPONSE_TOO_LARGE, f"answered with over {maximum} bytes", None
                )
        return bytes(body)

    async def _open_socket(self, request: SubgraphRequest) -> Socket:
        return await open_aiohttp_socket(
            _opened(self._websockets), self._url, request, self._settings
        )

    def _fail(self, code: ErrorCode, what: str, cause: BaseException | None) -> NoReturn:
        raise SubgraphError(code, f'Subgraph "{self._name}" {what}.', self._name) from cause


def _session(connections_max: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections_max),
        # A subgraph's cookies belong to nobody: keeping them would mix callers.
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def _opened(session: aiohttp.ClientSession | None) -> aiohttp.ClientSession:
    if session is None:
        broken_invariant("a transport is started before it is used")
    return session
