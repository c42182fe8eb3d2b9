"""A gateway over one real subgraph with subscriptions, run in process."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import strawberry
from starlette.types import ASGIApp
from strawberry.asgi import GraphQL
from strawberry.types import Info

from supergraph.config.gateway import (
    GatewayConfig,
    HeaderConfig,
    ServerConfig,
    SubscriptionConfig,
    WebSocketConfig,
)
from supergraph.server.gateway import Gateway
from supergraph.stages.user_stages import UserStage
from tests.server.shop import JOIN

__all__ = ["SUPERGRAPH", "Counters", "subgraph", "ticking_gateway"]

SUPERGRAPH = (
    JOIN.replace("mutation: Mutation", "mutation: Mutation\n  subscription: Subscription")
    + """
enum join__Graph { TICKER @join__graph(name: "ticker", url: "http://127.0.0.1:9/graphql") }
type Query @join__type(graph: TICKER) {
  hello: String!
  caller: String
}
type Mutation @join__type(graph: TICKER) { add(number: Int!): Int! }
type Subscription @join__type(graph: TICKER) {
  count(to: Int!, milliseconds: Int! = 0): Int!
  forever: Int!
  pages: String!
  breaks: Int!
}
"""
)


class Counters:
    """What the subgraph did."""

    def __init__(self) -> None:
        self.running = 0
        self.produced = 0
        self.total = 0


def subgraph(counters: Counters) -> ASGIApp:
    """The subgraph as an ASGI app."""

    @strawberry.type
    class Query:
        @strawberry.field
        def hello(self) -> str:
            return "world"

        @strawberry.field
        def caller(self, info: Info) -> str | None:
            headers = info.context["request"].headers
            name: str | None = headers.get("authorization")
            return name

    @strawberry.type
    class Mutation:
        @strawberry.mutation
        def add(self, number: int) -> int:
            counters.total += number
            return counters.total

    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def count(self, to: int, milliseconds: int = 0) -> AsyncGenerator[int, None]:
            for number in range(to):
                await asyncio.sleep(milliseconds / 1_000)
                yield number

        @strawberry.subscription
        async def forever(self) -> AsyncGenerator[int, None]:
            counters.running += 1
            try:
                yield 1
                await asyncio.Event().wait()
            finally:
                counters.running -= 1

        @strawberry.subscription
        async def pages(self) -> AsyncGenerator[str, None]:
            counters.running += 1
            try:
                while True:
                    counters.produced += 1
                    yield "x" * 10_000
                    await asyncio.sleep(0)
            finally:
                counters.running -= 1

        @strawberry.subscription
        async def breaks(self) -> AsyncGenerator[int, None]:
            yield 1
            raise ValueError("broken on purpose")

    schema = strawberry.Schema(Query, mutation=Mutation, subscription=Subscription)
    app: ASGIApp = GraphQL(schema)
    return app


def ticking_gateway(
    counters: Counters,
    stages: Iterable[UserStage] = (),
    subscriptions: SubscriptionConfig | None = None,
    server: ServerConfig | None = None,
    **websocket: Any,
) -> Gateway:
    """The gateway; `websocket` changes its limits for sockets."""
    config = GatewayConfig(
        websocket=WebSocketConfig(**websocket),
        headers=HeaderConfig(forward=("authorization",)),
        subscriptions=subscriptions or SubscriptionConfig(),
        server=server or ServerConfig(),
    )
    return Gateway(SUPERGRAPH, {"ticker": subgraph(counters)}, config, stages=stages)
