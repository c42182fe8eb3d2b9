"""graphql-transport-ws as clients meet it: a real uvicorn on a loopback port, driven by aiohttp."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import uvicorn
from aiohttp import ClientWebSocketResponse, WSMsgType

from supergraph.server.gateway import Gateway
from supergraph.stages.request import GraphQLRequest
from tests.kit.in_loop import TIME_LIMIT, served_in_loop, until
from tests.server.ticking import Counters, ticking_gateway

SUBPROTOCOL = "graphql-transport-ws"
INIT = {"type": "connection_init"}
ACK = {"type": "connection_ack"}

Socket = ClientWebSocketResponse[bool]


def subscribe(id_: str, query: str, **variables: Any) -> dict[str, Any]:
    return {"type": "subscribe", "id": id_, "payload": {"query": query, "variables": variables}}


def following(id_: str, data: Any) -> dict[str, Any]:
    return {"type": "next", "id": id_, "payload": {"data": data}}


def complete(id_: str) -> dict[str, Any]:
    return {"type": "complete", "id": id_}


class Served:
    """A gateway behind uvicorn in this event loop, so that its tasks can be counted."""

    def __init__(
        self, gateway: Gateway, counters: Counters, server: uvicorn.Server, port: int
    ) -> None:
        self.gateway = gateway
        self._server = server
        self.counters = counters
        self.url = f"http://127.0.0.1:{port}/graphql"

    def leave(self) -> None:
        """Begin the shutdown, as a signal would."""
        self._server.should_exit = True

    @asynccontextmanager
    async def opened(self, **changes: Any) -> AsyncGenerator[Socket]:
        options: Any = {"protocols": (SUBPROTOCOL,), "max_msg_size": 0} | changes
        async with (
            asyncio.timeout(TIME_LIMIT),
            aiohttp.ClientSession() as session,
            session.ws_connect(self.url, **options) as socket,
        ):
            yield socket

    @asynccontextmanager
    async def ready(self, payload: Any = None, **options: Any) -> AsyncGenerator[Socket]:
        async with self.opened(**options) as socket:
            await socket.send_json(INIT | ({"payload": payload} if payload else {}))
            assert await socket.receive_json() == ACK
            yield socket


@asynccontextmanager
async def served(**websocket: Any) -> AsyncGenerator[Served]:
    counters = Counters()
    gateway = ticking_gateway(counters, **websocket)
    before = asyncio.all_tasks()
    async with gateway, served_in_loop(gateway) as (server, port):
        yield Served(gateway, counters, server, port)
    assert counters.running == 0
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not left, "a task was left behind"


@pytest.fixture
async def server() -> AsyncGenerator[Served]:
    async with served() as it:
        yield it


async def closing_of(socket: Socket) -> tuple[int | None, str]:
    """Read to the end: the close code and its reason."""
    while True:
        message = await socket.receive()
        if message.type is WSMsgType.CLOSE:
            return message.data, message.extra or ""
        if message.type is not WSMsgType.TEXT:
            return socket.close_code, ""


async def receive(socket: Socket, count: int) -> list[Any]:
    return [await socket.receive_json() for _ in range(count)]


async def test_a_query_a_mutation_and_a_subscription(server: Served) -> None:
    async with server.ready() as socket:
        await socket.send_json(subscribe("q", "{ hello }"))
        assert await receive(socket, 2) == [following("q", {"hello": "world"}), complete("q")]

        await socket.send_json(subscribe("m", "mutation ($n: Int!) { add(number: $n) }", n=5))
        assert await receive(socket, 2) == [following("m", {"add": 5}), complete("m")]

        await socket.send_json(subscribe("s", "subscription { count(to: 3) }"))
        assert await receive(socket, 4) == [
            *(following("s", {"count": number}) for number in range(3)),
            complete("s"),
        ]


@pytest.mark.parametrize(
    "payload",
    [{"Authorization": "Bearer x"}, {"headers": {"authorization": "Bearer x"}, "more": [1]}],
)
async def test_headers_come_with_connection_init(server: Served, payload: Any) -> None:
    async with server.ready(payload) as socket:
        await socket.send_json(subscribe("1", "{ caller }"))

        assert await socket.receive_json() == following("1", {"caller": "Bearer x"})


async def test_a_header_of_the_handshake_stands_against_the_payload(server: Served) -> None:
    payload = {"authorization": "Bearer x"}
    async with server.ready(payload, headers={"authorization": "of the proxy"}) as socket:
        await socket.send_json(subscribe("1", "{ caller }"))

        assert await socket.receive_json() == following("1", {"caller": "of the proxy"})


@pytest.mark.parametrize("value", [5, None, ["Bearer x"], "Bearer x\r\nX-Admin: 1", "\u20ac"])
async def test_what_cannot_be_a_header_is_ignored(server: Served, value: Any) -> None:
    async with server.ready({"authorization": value}) as socket:
        await socket.send_json(subscribe("1", "{ caller }"))

        assert await socket.receive_json() == following("1", {"caller": None})


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "MISSING_QUERY_STRING"),
        ("query ($n: Int!) { hello @skip(if: $n) }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation ($n: Int!) { add(number: $n) }", "BAD_USER_INPUT"),
    ],
)
async def test_a_bad_operation_is_an_error_for_its_id(
    server: Served, query: str, code: str
) -> None:
    async with server.ready() as socket:
        await socket.send_json(subscribe("bad", query))
        message = await socket.receive_json()
        assert (message["type"], message["id"]) == ("error", "bad")
        assert message["payload"][0]["extensions"]["code"] == code

        await socket.send_json(subscribe("bad", "{ hello }"))
        assert await receive(socket, 2) == [following("bad", {"hello": "world"}), complete("bad")]


async def test_a_subscription_that_breaks_tells_and_ends(server: Served) -> None:
    async with server.ready() as socket:
        await socket.send_json(subscribe("1", "subscription { breaks }"))
        messages: list[Any] = []
        while not messages or messages[-1]["type"] == "next":
            messages.append(await socket.receive_json())

    assert messages[0] == following("1", {"breaks": 1})
    assert "DOWNSTREAM_SERVICE_ERROR" in json.dumps(messages)
    assert "broken on purpose" not in json.dumps(messages)  # masked, as in production


async def test_an_unexpected_exception_is_a_masked_error_for_its_id() -> None:
    async def fails(request: GraphQLRequest) -> GraphQLRequest:
        if "secret" in request.variables:
            raise RuntimeError("password=hunter2")
        return request

    async with served(stages=[fails]) as server, server.ready() as socket:
        await socket.send_json(subscribe("1", "{ hello }", secret=1))
        assert await socket.receive_json() == {
            "type": "error",
            "id": "1",
            "payload": [{"message": "Internal server error", "extensions": {"code": "INTERNAL"}}],
        }
        await socket.send_json(subscribe("2", "{ hello }"))
        assert await socket.receive_json() == following("2", {"hello": "world"})


async def test_pages_of_this_host_and_of_allowed_origins_are_served() -> None:
    async with served(origins=("https://app.example",)) as server:
        for origin in (server.url.removesuffix("/graphql"), "https://app.example"):
            async with server.ready(origin=origin) as socket:
                assert not socket.closed


async def test_pings_go_both_ways() -> None:
    async with served(ping_seconds=0.1) as server, server.ready() as socket:
        await socket.send_json({"type": "ping", "payload": {"n": 1}})
        assert await socket.receive_json() == {"type": "pong", "payload": {"n": 1}}
        for _ in range(3):
            assert await socket.receive_json() == {"type": "ping"}
            await socket.send_json({"type": "pong"})


async def test_a_client_that_never_answers_pings_is_closed() -> None:
    async with served(ping_seconds=0.1) as server, server.ready() as socket:
        assert await closing_of(socket) == (1011, "Keep-alive timeout")


async def test_complete_ends_the_operation_at_the_subgraph(server: Served) -> None:
    async with server.ready() as socket:
        for _ in range(5):  # the id is free again at once
            await socket.send_json(subscribe("1", "subscription { forever }"))
            assert await socket.receive_json() == following("1", {"forever": 1})
            await socket.send_json(complete("1"))
        await until(lambda: server.counters.running == 0)


async def test_a_client_that_does_not_read_stops_only_itself(server: Served) -> None:
    async with server.ready() as slow:
        await slow.send_json(subscribe("1", "subscription { pages }"))
        produced = -1
        while produced != server.counters.produced:
            produced = server.counters.produced
            async with server.ready() as other:
                await other.send_json(subscribe("1", "{ hello }"))
                assert await other.receive_json() == following("1", {"hello": "world"})
                await asyncio.sleep(0.2)

        await receive(slow, 2_000)
        assert server.counters.produced > produced


async def test_connections_that_break_leave_nothing_behind(server: Served) -> None:
    async with server.ready():
        pass
    await until(lambda: "0 connections" in repr(server.gateway._clients.websocket))
    baseline = len(asyncio.all_tasks())

    for number in range(50):
        async with server.ready() as socket:
            await socket.send_json(subscribe("1", "subscription { forever }"))
            await socket.send_json(subscribe("2", "subscription { pages }"))
            await socket.receive_json()
            if number % 2:
                response: Any = socket._response
                response.connection.transport.abort()

    await until(lambda: server.counters.running == 0)
    await until(lambda: "0 connections" in repr(server.gateway._clients.websocket))
    # What may stay is the one shared socket to the subgraph: its reader, the app, and its tasks.
    assert len(asyncio.all_tasks()) <= baseline + 4


async def test_shutdown_closes_with_1001(server: Served) -> None:
    async with server.ready() as socket:
        await socket.send_json(subscribe("1", "subscription { forever }"))
        await socket.receive_json()
        closing = asyncio.create_task(server.gateway.close())

        assert await closing_of(socket) == (1001, "Going away")
        await closing
        assert server.counters.running == 0
