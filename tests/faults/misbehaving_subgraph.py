"""A subgraph on a real socket that answers properly until it is told to misbehave."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from supergraph.config.gateway import GatewayConfig, SubgraphConfig, TrafficConfig
from supergraph.server.gateway import Gateway
from supergraph.traffic.transport import SubgraphRequest
from tests.faults.graph import SUPERGRAPH, catalog, reviews, stock
from tests.kit.check_execution import GraphSubgraph
from tests.traffic.http1.wire_server import Request, WireServer, answer_bytes, wire_server

__all__ = ["Exchange", "Fault", "Setup", "answers", "changes", "sends", "setup"]

RESPONSE_BYTES_MAX = 1_000_000


@dataclass(frozen=True)
class Exchange:
    """A request to the stock, and the right answer to it."""

    query: str
    answer: dict[str, Any]
    writer: asyncio.StreamWriter
    media_type: str

    @property
    def rows(self) -> list[Any]:
        """The depots or entities in the right answer, whatever key they were asked under."""
        [rows] = self.answer["data"].values()
        assert isinstance(rows, list)
        return rows

    @property
    def rows_key(self) -> str:
        """The key they were asked under."""
        [key] = self.answer["data"]
        return str(key)

    def json(self) -> bytes:
        """The answer as it stands."""
        return json.dumps(self.answer).encode()

    def send(self, body: bytes, status: str = "200 OK") -> None:
        """Answer with this body."""
        headers = f"content-type: {self.media_type}"
        self.writer.write(answer_bytes(body, headers, status=status))


Fault = Callable[[Exchange], Awaitable[None]]


@dataclass
class Setup:
    """A gateway over the misbehaving stock, and the client who asks it."""

    client: httpx2.AsyncClient
    media_type: str
    server: WireServer
    app: Gateway
    fault: Fault | None = None
    stock: GraphSubgraph = field(default_factory=stock)

    async def behave(self, request: Request) -> None:
        """Answer one request of the gateway."""
        body = json.loads(request.body)
        reply = await self.stock.execute(SubgraphRequest(body["query"], body.get("variables", {})))
        assert not reply.errors
        exchange = Exchange(body["query"], {"data": reply.data}, request.writer, self.media_type)
        if self.fault is None:
            exchange.send(exchange.json())
        else:
            await self.fault(exchange)
        await request.writer.drain()

    async def ask(self, query: str, **parameters: Any) -> dict[str, Any]:
        """The gateway's answer, which is a GraphQL result of the media type that was asked for."""
        answer = await self.client.post(
            "/graphql", json={"query": query, **parameters}, headers={"accept": self.media_type}
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith(self.media_type)
        result: dict[str, Any] = answer.json()
        assert set(result) <= {"data", "errors"}
        assert result.get("errors") != []
        return result


@asynccontextmanager
async def setup(media_type: str, *, timeout_seconds: float = 60.0) -> AsyncGenerator[Setup, None]:
    """A gateway whose stock is on a socket and whose other subgraphs are in process.

    Clients and stock talk in the same media type; `timeout_seconds` is the stock's.
    """

    async def behave(request: Request) -> None:
        await made.behave(request)

    async with wire_server(behave) as server:
        config = GatewayConfig(
            introspection=True,
            traffic=TrafficConfig(response_bytes=RESPONSE_BYTES_MAX),
            subgraphs={
                # Each request has to meet its own fault.
                "stock": SubgraphConfig(timeout_seconds=timeout_seconds, share_in_flight=False)
            },
        )
        targets = {"catalog": catalog(), "reviews": reviews(), "stock": server.address}
        async with (
            Gateway(SUPERGRAPH, targets, config) as gateway,
            httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=gateway), base_url="http://gateway"
            ) as client,
        ):
            made = Setup(client, media_type, server, gateway)
            made.stock.requests.clear()
            yield made


def sends(raw: bytes, *, closes: bool = True) -> Fault:
    """Bytes as they are, and then the end of the connection."""

    async def fault(exchange: Exchange) -> None:
        exchange.writer.write(raw)
        if closes:
            exchange.writer.close()

    return fault


def answers(body: bytes, status: str = "200 OK") -> Fault:
    """A proper HTTP answer with this body."""

    async def fault(exchange: Exchange) -> None:
        exchange.send(body, status)

    return fault


def changes(change: Callable[[Exchange], Any], status: str = "200 OK") -> Fault:
    """The right answer with a change: what `change` answers, or did to the answer in place."""

    async def fault(exchange: Exchange) -> None:
        changed = change(exchange)
        if changed is None:
            changed = exchange.answer
        exchange.send(
            changed if isinstance(changed, bytes) else json.dumps(changed).encode(), status
        )

    return fault
