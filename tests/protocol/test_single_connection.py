"""Server-sent events on a single connection, request by request.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#single-connection-mode; what the
text leaves open is as graphql-sse's own handler has it.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.protocol.processes import Server

TOKEN = "x-graphql-event-stream-token"
EVENTS = {"accept": "text/event-stream"}
HELLO = "{ hello }"
TIME_LIMIT = 10.0


class Client:
    """Sends single requests; `status` answers their status only."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self.url = url

    def ask(self, method: str, **options: Any) -> Any:
        return self._session.request(method, self.url, **options)

    async def status(self, method: str, **options: Any) -> int:
        async with self.ask(method, **options) as response:
            status: int = response.status
            return status

    async def reserved(self) -> dict[str, str]:
        """The header with the token of a new reservation."""
        async with self.ask("PUT") as response:
            assert response.status == 201
            return {TOKEN: await response.text()}

    @asynccontextmanager
    async def opened(self, **options: Any) -> AsyncGenerator[aiohttp.StreamReader]:
        async with self.ask("GET", **options) as response:
            assert (response.status, response.content_type) == (200, "text/event-stream")
            yield response.content

    async def operate(self, token: dict[str, str], id_: Any, query: str = HELLO) -> int:
        body = {"query": query, "extensions": {"operationId": id_}}
        return await self.status("POST", json=body, headers=token)


@pytest.fixture
async def client(server: Server) -> AsyncGenerator[Client]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIME_LIMIT)) as session:
        yield Client(session, server.url)


async def events(stream: aiohttp.StreamReader, count: int) -> list[tuple[str, Any]]:
    seen: list[tuple[str, Any]] = []
    while len(seen) < count:
        text = (await stream.readuntil(b"\n\n")).decode().strip()
        if text != ":":
            kind, data = text.splitlines()
            seen.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return seen


def result(id_: str, data: Any) -> tuple[str, Any]:
    return "next", {"id": id_, "payload": {"data": data}}


def complete(id_: str) -> tuple[str, Any]:
    return "complete", {"id": id_}


async def test_a_reservation_is_answered_with_a_token(client: Client) -> None:
    async with client.ask("PUT") as first, client.ask("PUT") as second:
        assert first.status == second.status == 201
        assert first.headers["content-type"] == "text/plain; charset=utf-8"
        tokens = {await first.text(), await second.text()}

    assert len(tokens) == 2
    assert all(len(token) >= 30 for token in tokens)


@pytest.mark.parametrize(
    ("accept", "status"),
    [("text/plain", 201), ("*/*", 201), ("application/json", 406), ("image/png", 406)],
)
async def test_a_reservation_is_text(client: Client, accept: str, status: int) -> None:
    assert await client.status("PUT", headers={"accept": accept}) == status


async def test_a_reservation_is_made_once(client: Client) -> None:
    token = await client.reserved()

    assert await client.status("PUT", headers=token) == 409


async def test_the_token_opens_the_stream_once(client: Client) -> None:
    token = await client.reserved()
    async with client.opened(headers=token | EVENTS):
        assert await client.status("GET", headers=token | EVENTS) == 409
        assert await client.status("PUT", headers=token) == 409


async def test_a_browser_sends_the_token_in_the_url(client: Client) -> None:
    token = await client.reserved()
    params = {"token": token[TOKEN]}
    async with client.opened(params=params, headers=EVENTS) as stream:
        body = {"query": HELLO, "extensions": {"operationId": "1"}}
        assert await client.status("POST", params=params, json=body) == 202
        assert await events(stream, 2) == [result("1", {"hello": "world"}), complete("1")]


async def test_an_operation_is_accepted_without_a_body(client: Client) -> None:
    token = await client.reserved()
    body = {"query": HELLO, "extensions": {"operationId": "1"}}
    async with client.ask("POST", json=body, headers=token) as response:
        assert (response.status, await response.read()) == (202, b"")


async def test_operations_of_every_kind_share_the_stream(client: Client) -> None:
    token = await client.reserved()
    async with client.opened(headers=token | EVENTS) as stream:
        assert await client.operate(token, "q") == 202
        assert await events(stream, 2) == [result("q", {"hello": "world"}), complete("q")]
        assert await client.operate(token, "m", "mutation { add(number: 0) }") == 202
        (kind, data), end = await events(stream, 2)
        assert (kind, data["id"], end) == ("next", "m", complete("m"))
        assert await client.operate(token, "s", "subscription { count(to: 2) }") == 202
        assert await events(stream, 3) == [
            result("s", {"count": 0}),
            result("s", {"count": 1}),
            complete("s"),
        ]


async def test_operations_may_come_by_get(client: Client) -> None:
    token = await client.reserved()
    extensions = json.dumps({"operationId": "1"})
    async with client.opened(headers=token | EVENTS) as stream:
        params = {"query": HELLO, "extensions": extensions}
        assert await client.status("GET", params=params, headers=token) == 202
        assert await events(stream, 2) == [result("1", {"hello": "world"}), complete("1")]
        params["query"] = "mutation { add(number: 1) }"
        assert await client.status("GET", params=params, headers=token) == 405


async def test_what_came_before_the_stream_was_open_is_kept(client: Client) -> None:
    token = await client.reserved()
    assert await client.operate(token, "1") == 202
    assert await client.operate(token, "2") == 202
    async with client.opened(headers=token | EVENTS) as stream:
        seen = await events(stream, 4)

    for id_ in ("1", "2"):
        assert [item for item in seen if item[1]["id"] == id_] == [
            result(id_, {"hello": "world"}),
            complete(id_),
        ]


@pytest.mark.parametrize(("id_", "status"), [("1", 202), (7, 202), ("", 400), (None, 400)])
async def test_an_operation_has_an_id(client: Client, id_: Any, status: int) -> None:
    assert await client.operate(await client.reserved(), id_) == status


async def test_an_id_is_used_once_at_a_time(client: Client) -> None:
    token = await client.reserved()
    forever = "subscription { forever }"
    assert await client.operate(token, "1", forever) == 202
    assert await client.operate(token, "1", forever) == 409
    assert await client.status("DELETE", params={"operationId": "1"}, headers=token) == 200
    assert await client.operate(token, "1", forever) == 202


async def test_a_stopped_operation_sends_nothing_more(client: Client) -> None:
    token = await client.reserved()
    async with client.opened(headers=token | EVENTS) as stream:
        assert await client.operate(token, "1", "subscription { forever }") == 202
        assert await events(stream, 1) == [result("1", {"forever": 1})]
        assert await client.status("DELETE", params={"operationId": "1"}, headers=token) == 200
        assert await client.operate(token, "2") == 202
        seen = await events(stream, 2)

    assert result("2", {"hello": "world"}) in seen


async def test_what_is_stopped_is_named(client: Client) -> None:
    token = await client.reserved()

    assert await client.status("DELETE", headers=token) == 400
    assert await client.status("DELETE", params={"operationId": ""}, headers=token) == 400
    assert await client.status("DELETE", params={"operationId": "none"}, headers=token) == 200


@pytest.mark.parametrize("token", [{TOKEN: "unknown"}, {}])
async def test_what_is_stopped_is_on_a_stream(client: Client, token: dict[str, str]) -> None:
    assert await client.status("DELETE", params={"operationId": "1"}, headers=token) == 404


async def test_an_unknown_token_is_404(client: Client) -> None:
    assert await client.operate({TOKEN: "unknown"}, "1") == 404
    assert await client.status("GET", params={"query": HELLO, "token": "unknown"}) == 404


async def test_events_without_a_reservation_have_a_connection_of_their_own(client: Client) -> None:
    headers = EVENTS | {TOKEN: "unknown"}
    async with client.ask("POST", json={"query": HELLO}, headers=headers) as response:
        assert response.status == 200
        assert b'event: next\ndata: {"data":{"hello":"world"}}\n\n' in await response.read()
    assert await client.status("GET", headers=headers) == 400


@pytest.mark.parametrize("query", ["{ missing }", "{"])
async def test_an_invalid_operation_is_refused(client: Client, query: str) -> None:
    token = await client.reserved()
    body = {"query": query, "extensions": {"operationId": "1"}}
    async with client.ask("POST", json=body, headers=token) as response:
        assert response.status == 400
        assert (await response.json())["errors"][0]["message"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": b"{", "headers": {"content-type": "application/json"}}, 400),
        ({"data": b"[]", "headers": {"content-type": "application/json"}}, 400),
        ({"json": {"extensions": {"operationId": "1"}}}, 400),
        ({"json": {"query": 5, "extensions": {"operationId": "1"}}}, 400),
        ({"json": {"query": HELLO, "extensions": "1"}}, 400),
        ({"json": {"query": HELLO, "variables": "1", "extensions": {"operationId": "1"}}}, 400),
        ({"json": {"query": HELLO}, "headers": {"accept": "image/png"}}, 406),
    ],
)
async def test_what_is_no_request_is_refused(
    client: Client, options: dict[str, Any], status: int
) -> None:
    headers = options.get("headers", {}) | await client.reserved()

    assert await client.status("POST", **options | {"headers": headers}) == status


async def test_other_methods_are_405(client: Client) -> None:
    async with client.ask("PATCH", headers=await client.reserved()) as response:
        assert response.status == 405
        assert response.headers["allow"] == "GET, POST, PUT, DELETE"


async def test_the_token_ends_with_its_stream(client: Client) -> None:
    token = await client.reserved()
    async with client.opened(headers=token | EVENTS) as stream:
        assert await client.operate(token, "1", "subscription { forever }") == 202
        await events(stream, 1)
    for _ in range(1_000):
        if await client.operate(token, "2") == 404:
            break
    else:
        pytest.fail("the token outlives its stream")
