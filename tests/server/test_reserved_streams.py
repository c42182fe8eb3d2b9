"""Event streams that clients reserve: their bounds, and that nothing outlives them."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from supergraph.config.gateway import SubscriptionConfig
from supergraph.errors import ClientError
from supergraph.server.reserved_streams import ReservedStreams
from tests.kit.in_loop import TIME_LIMIT, until
from tests.server.test_websocket_endpoint import Served, served

TOKEN = "x-graphql-event-stream-token"
EVENTS = {"accept": "text/event-stream"}


class Client:
    """One client with a stream of its own."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.token = ""

    async def reserve(self) -> int:
        async with self._session.put(self._url) as response:
            self.token = await response.text() if response.status == 201 else ""
            return response.status

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[aiohttp.StreamReader]:
        headers = EVENTS | {TOKEN: self.token}
        async with self._session.get(self._url, headers=headers) as response:
            assert response.status == 200
            assert await response.content.readuntil(b"\n\n") == b":\n\n"
            yield response.content

    async def operate(self, id_: Any, query: str, **headers: str) -> tuple[int, str]:
        body = {"query": query, "extensions": {"operationId": id_}}
        headers = {TOKEN: self.token} | headers
        async with self._session.post(self._url, json=body, headers=headers) as response:
            text = await response.text()
            code = json.loads(text)["errors"][0]["extensions"]["code"] if text else ""
            return response.status, code

    async def stop(self, id_: str) -> int:
        params = {"operationId": id_}
        headers = {TOKEN: self.token}
        async with self._session.delete(self._url, params=params, headers=headers) as response:
            return response.status


@asynccontextmanager
async def clients(server: Served) -> AsyncGenerator[Any]:
    async with asyncio.timeout(TIME_LIMIT), aiohttp.ClientSession() as session:
        yield lambda: Client(session, server.url)


@asynccontextmanager
async def client_of(**subscriptions: Any) -> AsyncGenerator[tuple[Served, Client]]:
    async with (
        served(subscriptions=SubscriptionConfig(**subscriptions)) as server,
        clients(server) as new_client,
    ):
        client = new_client()
        assert await client.reserve() == 201
        yield server, client


def left(server: Served) -> str:
    return repr(server.gateway._clients.streams)


NOTHING = "<ReservedStreams: 0, 0 operations>"


async def event(stream: aiohttp.StreamReader) -> tuple[str, Any]:
    """The next event that is no heartbeat."""
    while (text := (await stream.readuntil(b"\n\n")).decode()) == ":\n\n":
        pass
    kind, data = text.strip().splitlines()
    return kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))


async def test_operations_that_began_before_the_stream_was_open_are_not_lost() -> None:
    async with client_of() as (_, client):
        for number in range(20):
            assert await client.operate(f"q{number}", "{ hello }") == (202, "")

        async with client.opened() as stream:
            events = [await event(stream) for _ in range(40)]

    results = {data["id"] for kind, data in events if kind == "next"}
    completed = {data["id"] for kind, data in events if kind == "complete"}
    assert results == completed == {f"q{number}" for number in range(20)}


async def test_the_headers_of_the_operation_count() -> None:
    async with client_of() as (_, client), client.opened() as stream:
        await client.operate("1", "{ caller }", authorization="Bearer one")
        first = await event(stream)
        await event(stream)
        await client.operate("2", "{ caller }", authorization="Bearer two")

        assert first[1]["payload"] == {"data": {"caller": "Bearer one"}}
        assert (await event(stream))[1]["payload"] == {"data": {"caller": "Bearer two"}}


async def test_the_stream_ends_its_operations() -> None:
    async with client_of() as (server, client):
        async with client.opened():
            for number in range(10):
                query = f"subscription {{ a{number}: forever }}"
                assert await client.operate(str(number), query) == (202, "")
            await until(lambda: server.counters.running == 10)
        await until(lambda: server.counters.running == 0)
        await until(lambda: left(server) == NOTHING)


async def test_a_reservation_that_nobody_uses_is_forgotten_with_its_operations() -> None:
    async with client_of(reservation_seconds=0.2) as (server, client):
        assert await client.operate("1", "subscription { forever }") == (202, "")
        await until(lambda: server.counters.running == 1)

        await until(lambda: left(server) == NOTHING)
        await until(lambda: server.counters.running == 0)
        assert await client.operate("2", "{ hello }") == (404, "EVENT_STREAM_NOT_FOUND")


async def test_a_stream_that_is_open_does_not_expire() -> None:
    settings = {"reservation_seconds": 0.05, "heartbeat_seconds": 0.05}
    async with client_of(**settings) as (_, client), client.opened() as stream:
        for _ in range(5):
            assert await stream.readuntil(b"\n\n") == b":\n\n"
        assert await client.operate("1", "{ hello }") == (202, "")


async def test_a_stream_that_is_opened_late_has_time_anew() -> None:
    streams = ReservedStreams(SubscriptionConfig(reservation_seconds=0.2))
    stream = streams.reserve()
    await asyncio.sleep(0.15)
    events = stream.open()
    await asyncio.sleep(0.1)

    assert await anext(events) == b":\n\n"
    assert streams.find(stream.token) is stream
    await events.aclose()
    assert streams.find(stream.token) is None


async def test_a_stream_whose_connection_broke_before_the_first_event_is_forgotten() -> None:
    streams = ReservedStreams(SubscriptionConfig(reservation_seconds=0.1))
    streams.reserve().open()

    await until(lambda: repr(streams) == NOTHING)


async def test_nothing_is_begun_on_a_stream_that_ended_while_a_request_came() -> None:
    streams = ReservedStreams(SubscriptionConfig())
    stream = streams.reserve()
    stream.close()

    with pytest.raises(ClientError, match="has ended"):
        stream.place("1")


async def test_an_operation_that_is_prepared_while_the_stream_ends_is_stopped() -> None:
    streams = ReservedStreams(SubscriptionConfig())
    stream = streams.reserve()
    operation = stream.place("1")
    stream.close()

    assert operation.is_stopped


async def test_streams_over_the_limit_are_refused() -> None:
    async with client_of(reserved_streams=2) as (server, client), clients(server) as new_client:
        assert await new_client().reserve() == 201
        assert await new_client().reserve() == 503
        async with client.opened():
            assert await new_client().reserve() == 503
        await until(lambda: "ReservedStreams: 1," in left(server))
        assert await new_client().reserve() == 201


async def test_operations_over_the_limit_are_refused() -> None:
    async with client_of(stream_operations=2) as (server, client), client.opened():
        for number in range(2):
            await client.operate(str(number), "subscription { forever }")
        assert await client.operate("2", "{ hello }") == (429, "TOO_MANY_OPERATIONS")
        assert await client.stop("0") == 200
        assert await client.operate("2", "{ hello }") == (202, "")
        await until(lambda: server.counters.running == 1)


async def test_subscriptions_over_the_gateways_limit_are_refused_with_their_place_free() -> None:
    async with client_of(clients=1) as (_, client), client.opened() as stream:
        assert (await client.operate("1", "subscription { forever }"))[0] == 202
        await event(stream)
        for _ in range(2):
            refused = await client.operate("2", "subscription { count(to: 1) }")
            assert refused == (503, "SUBSCRIPTION_MAX_LIMIT")


async def test_an_invalid_operation_leaves_its_id_free() -> None:
    async with client_of() as (_, client):
        assert await client.operate("1", "{ missing }") == (400, "GRAPHQL_VALIDATION_FAILED")
        assert await client.operate("1", "{ hello }") == (202, "")


@pytest.mark.parametrize("id_", [True, {}, ["1"], 1.5, "x" * 2_000])
async def test_an_operation_id_is_short_text(id_: Any) -> None:
    async with client_of() as (_, client):
        assert await client.operate(id_, "{ hello }") == (400, "INVALID_GRAPHQL_REQUEST")


async def test_what_was_stopped_sends_nothing_more() -> None:
    async with client_of() as (server, client):
        for _ in range(5):
            assert await client.operate("1", "subscription { forever }") == (202, "")
            await until(lambda: server.counters.running == 1)
            assert await client.stop("1") == 200
            await until(lambda: server.counters.running == 0)
        assert await client.operate("2", "{ hello }") == (202, "")

        async with client.opened() as stream:
            assert await event(stream) == (
                "next",
                {"id": "2", "payload": {"data": {"hello": "world"}}},
            )


async def test_a_client_that_does_not_read_makes_the_subgraph_wait() -> None:
    async with client_of() as (server, client):
        assert await client.operate("1", "subscription { pages }") == (202, "")
        produced = -1
        while produced != server.counters.produced:
            produced = server.counters.produced
            await asyncio.sleep(0.2)

        async with client.opened() as stream:
            for _ in range(2_000):
                await event(stream)
        assert server.counters.produced > produced


async def test_the_gateways_end_ends_streams() -> None:
    async with client_of() as (server, client), client.opened() as stream:
        await client.operate("1", "subscription { forever }")
        await event(stream)
        await server.gateway.close()

        assert server.counters.running == 0
        assert await stream.read() == b""
        assert left(server) == NOTHING
