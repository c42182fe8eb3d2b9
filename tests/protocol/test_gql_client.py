"""gql, the Python client, with the gateway and with the reference implementations' server."""

from collections.abc import Callable
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.websockets import WebsocketsTransport

from tests.protocol.processes import Server

#: Often enough to stand between any two results.
SETTINGS = {"subscriptions": {"heartbeat_seconds": 0.02}}
COUNT = gql("subscription { count(to: 3, milliseconds: 100) }")
ADD = "mutation ($n: Int!) { add(number: $n) }"


def over_http(server: Server) -> Client:
    return Client(transport=AIOHTTPTransport(server.url))


def over_a_socket(server: Server) -> Client:
    return Client(transport=WebsocketsTransport(server.url.replace("http", "ws")))


@pytest.mark.parametrize("connect", [over_http, over_a_socket])
async def test_a_query_and_a_mutation(server: Server, connect: Callable[[Server], Client]) -> None:
    async with connect(server) as session:
        assert await session.execute(gql("{ hello }")) == {"hello": "world"}
        add = gql(ADD)
        add.variable_values = {"n": 5}
        first = await session.execute(add)
        second = await session.execute(add)

    assert second["add"] - first["add"] == 5


async def counted(client: Client) -> list[Any]:
    async with client as session:
        return [result["count"] async for result in session.subscribe(COUNT)]


async def test_a_subscription_over_a_socket(server: Server) -> None:
    assert await counted(over_a_socket(server)) == [0, 1, 2]


@pytest.mark.parametrize("server", ["gateway"], indirect=True)
async def test_a_subscription_in_parts(server: Server) -> None:
    """No reference server speaks it."""
    assert await counted(over_http(server)) == [0, 1, 2]
