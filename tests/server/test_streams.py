"""Subscriptions over HTTP, read from a real socket: server-sent events and multipart parts."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.kit.in_loop import TIME_LIMIT, until
from tests.server.test_websocket_endpoint import Served, served

EVENTS = "text/event-stream"
PARTS = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0"


@pytest.fixture
async def server() -> AsyncGenerator[Served]:
    async with served() as it:
        yield it


@asynccontextmanager
async def asked(
    server: Served, query: str, accept: str = EVENTS, **more: Any
) -> AsyncGenerator[aiohttp.ClientResponse]:
    async with (
        asyncio.timeout(TIME_LIMIT),
        aiohttp.ClientSession() as session,
        session.post(
            server.url, json={"query": query} | more, headers={"accept": accept}
        ) as response,
    ):
        yield response


def data(payload: Any) -> bytes:
    return b"event: next\ndata: " + json.dumps(payload, separators=(",", ":")).encode() + b"\n\n"


COMPLETE = b"event: complete\ndata: \n\n"


async def test_a_subscription_as_server_sent_events(server: Served) -> None:
    async with asked(server, "subscription { count(to: 2) }") as response:
        assert response.status == 200
        assert response.content_type == EVENTS
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["x-accel-buffering"] == "no"
        body = await response.read()

    events = [data({"data": {"count": number}}) for number in (0, 1)]
    assert body == b":\n\n" + b"".join(events) + COMPLETE


async def test_a_subscription_in_parts(server: Served) -> None:
    async with asked(server, "subscription { count(to: 1) }", PARTS) as response:
        assert response.status == 200
        assert response.headers["content-type"] == (
            "multipart/mixed;boundary=graphql;subscriptionSpec=1.0"
        )
        body = await response.read()

    assert body == (
        b"\r\n--graphql\r\ncontent-type: application/json\r\n\r\n"
        b'{"payload":{"data":{"count":0}}}\r\n--graphql--\r\n'
    )


@pytest.mark.parametrize(
    "spec", ['subscriptionSpec="1.0"', "subscriptionSpec=1.0", "SubscriptionSpec=1.0"]
)
async def test_the_specification_is_named_by_a_parameter(server: Served, spec: str) -> None:
    accept = f"multipart/mixed;boundary=graphql;{spec}, application/json"
    async with asked(server, "subscription { count(to: 1) }", accept) as response:
        assert response.content_type == "multipart/mixed"


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/*"])
async def test_who_names_no_stream_gets_none(server: Served, accept: str) -> None:
    async with asked(server, "subscription { count(to: 1) }", accept) as response:
        assert response.status == 406
        error = (await response.json())["errors"][0]
    expected = "INVALID_ACCEPT_HEADER" if accept == "text/*" else "SUBSCRIPTION_TRANSPORT_REQUIRED"
    assert error["extensions"]["code"] == expected


async def test_what_is_listed_first_is_sent(server: Served) -> None:
    query = "subscription { count(to: 1) }"
    async with asked(server, query, f"{PARTS}, {EVENTS}") as response:
        assert response.content_type == "multipart/mixed"
    async with asked(server, query, f"{PARTS};q=0.5, {EVENTS}") as response:
        assert response.content_type == EVENTS


@pytest.mark.parametrize(
    ("query", "answer"),
    [("{ __typename }", {"__typename": "Query"}), ("mutation { add(number: 2) }", {"add": 2})],
)
async def test_who_takes_only_events_gets_every_operation_as_events(
    server: Served, query: str, answer: Any
) -> None:
    async with asked(server, query) as response:
        assert response.status == 200
        assert await response.read() == data({"data": answer}) + COMPLETE


async def test_who_takes_both_gets_a_query_as_one_answer(server: Served) -> None:
    accept = f"{EVENTS}, application/json;q=0.1"
    async with asked(server, "{ __typename }", accept) as response:
        assert await response.json() == {"data": {"__typename": "Query"}}


async def test_an_invalid_document_is_an_event(server: Served) -> None:
    async with asked(server, "subscription { missing }") as response:
        assert response.status == 200
        first, _, rest = (await response.read()).partition(b"\n\n")
    assert rest == COMPLETE
    payload = json.loads(first.removeprefix(b"event: next\ndata: "))
    assert payload["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "data" not in payload


async def test_what_is_no_request_keeps_its_status(server: Served) -> None:
    async with asked(server, "") as response:
        assert response.status == 400
        assert response.content_type == "application/json"


async def test_a_subgraph_that_breaks_ends_the_stream(server: Served) -> None:
    async with asked(server, "subscription { breaks }") as response:
        body = await response.read()
    assert body.endswith(COMPLETE)
    assert b"DOWNSTREAM_SERVICE_ERROR" in body


@pytest.mark.parametrize("accept", [EVENTS, PARTS])
async def test_the_subgraph_is_left_when_the_client_leaves(server: Served, accept: str) -> None:
    async with asked(server, "subscription { forever }", accept) as response:
        await response.content.readany()
        await until(lambda: server.counters.running == 1)
    await until(lambda: server.counters.running == 0)


async def test_clients_with_the_same_question_share_one_subscription(server: Served) -> None:
    query = "subscription { forever }"
    async with asked(server, query) as first, asked(server, query, PARTS) as second:
        await first.content.readuntil(b"}}\n\n")
        await second.content.readuntil(b"}}}\r\n--graphql")
        assert server.counters.running == 1
        async with server.ready() as socket:
            await socket.send_json({"type": "subscribe", "id": "1", "payload": {"query": query}})
            assert (await socket.receive_json())["payload"] == {"data": {"forever": 1}}
            assert server.counters.running == 1


async def test_callers_that_subgraphs_tell_apart_share_nothing(server: Served) -> None:
    query = {"query": "subscription { forever }"}
    async with asyncio.timeout(TIME_LIMIT), aiohttp.ClientSession() as session:
        for count, caller in enumerate(("one", "two"), 1):
            headers = {"accept": EVENTS, "authorization": caller}
            await session.post(server.url, json=query, headers=headers)
            await until(lambda count=count: server.counters.running == count)


async def test_a_get_may_subscribe(server: Served) -> None:
    async with (
        asyncio.timeout(TIME_LIMIT),
        aiohttp.ClientSession() as session,
        session.get(
            server.url,
            params={"query": "subscription { count(to: 1) }"},
            headers={"accept": EVENTS, "apollo-require-preflight": "1"},
        ) as response,
    ):
        assert (await response.read()).endswith(COMPLETE)
