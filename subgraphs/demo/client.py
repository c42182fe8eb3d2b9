"""A GraphQL client of the gateway: queries over HTTP, subscriptions over graphql-transport-ws.

Protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import itertools
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp

__all__ = ["GatewayClient", "GraphQLFailedError"]

PROTOCOL = "graphql-transport-ws"
TIMEOUT_SECONDS = 60.0
#: A subscription that says nothing for so long is taken for dead.
SILENCE_SECONDS = 60.0


class GraphQLFailedError(Exception):
    """The gateway answered with errors; `.errors` are as received."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        self.errors = errors
        super().__init__("; ".join(str(error.get("message")) for error in errors))

    @property
    def codes(self) -> list[str | None]:
        """The error codes, in order."""
        return [error.get("extensions", {}).get("code") for error in self.errors]


class GatewayClient:
    """One caller of one gateway; `url` is the GraphQL endpoint.

    `authorization` is sent with every request and in each connection's `connection_init`.
    """

    def __init__(self, url: str, *, authorization: str | None = None) -> None:
        self.url = url
        self.authorization = authorization
        self._ids = itertools.count(1)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIMEOUT_SECONDS))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(
        self, query: str, variables: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Answer `(data, errors)` of a query or mutation as the gateway sent them."""
        body = {"query": query, "variables": dict(variables or {})}
        async with self._open_session().post(self.url, json=body, headers=self._headers()) as reply:
            answer = await reply.json(content_type=None)
        return answer.get("data"), answer.get("errors", [])

    async def execute(
        self, query: str, variables: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Answer the data of a query or mutation; any error is raised."""
        data, errors = await self.send(query, variables)
        if errors or data is None:
            raise GraphQLFailedError(errors)
        return data

    async def subscribe(
        self, query: str, variables: Mapping[str, Any] | None = None
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the data of each event until the gateway completes the subscription."""
        payload = {"query": query, "variables": dict(variables or {})}
        async with self._open_session().ws_connect(self.url, protocols=[PROTOCOL]) as socket:
            await socket.send_json({"type": "connection_init", "payload": self._headers()})
            await self._receive(socket, "connection_ack")
            operation_id = str(next(self._ids))
            await socket.send_json({"id": operation_id, "type": "subscribe", "payload": payload})
            while (message := await self._receive(socket, "next", "complete"))["type"] == "next":
                result = message["payload"]
                if result.get("errors"):
                    raise GraphQLFailedError(result["errors"])
                yield result["data"]

    async def _receive(
        self, socket: aiohttp.ClientWebSocketResponse, *expected: str
    ) -> dict[str, Any]:
        while True:
            frame = await socket.receive(timeout=SILENCE_SECONDS)
            if frame.type is not aiohttp.WSMsgType.TEXT:
                reason = f"{socket.close_code} {frame.extra or ''}".strip()
                raise ConnectionError(f"the gateway closed the WebSocket: {reason}")
            message: dict[str, Any] = frame.json()
            if message["type"] == "ping":
                await socket.send_json({"type": "pong"})
            elif message["type"] == "error":
                raise GraphQLFailedError(message["payload"])
            elif message["type"] in expected:
                return message

    def _headers(self) -> dict[str, str]:
        return {} if self.authorization is None else {"authorization": self.authorization}

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("use GatewayClient in an `async with` block")
        return self._session
