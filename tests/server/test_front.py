"""The ASGI entry: the same answers wherever it stands, an id and a masked failure for each."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Scope

from supergraph.server.gateway import Gateway
from tests.server.shop import client_of, development, gateway

QUERY = "{ products(first: 1) { name } }"
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/graphql", {"json": {"query": QUERY}}),
    ("POST", "/graphql", {"json": {"query": "{"}}),
    ("POST", "/graphql", {"content": b"{", "headers": {"content-type": "application/json"}}),
    ("POST", "/graphql", {"content": b"{}", "headers": {"content-type": "text/plain"}}),
    ("GET", "/graphql", {"params": {"query": QUERY}}),
    ("GET", "/graphql", {"headers": {"accept": "text/html"}}),
    ("GET", "/graphql", {"headers": {"accept": "image/png"}}),
    ("HEAD", "/graphql", {}),
    ("DELETE", "/graphql", {}),
    ("GET", "/graphql/deeper", {}),
    ("GET", "/health/ready", {}),
]


@pytest.mark.parametrize(("method", "path", "options"), REQUESTS)
async def test_mounted_gateway_answers_as_the_bare_one(
    shop: Gateway, method: str, path: str, options: dict[str, Any]
) -> None:
    async with client_of(shop) as bare, client_of(Starlette(routes=[Mount("/api", shop)])) as outer:
        direct = await bare.request(method, path, **options)
        mounted = await outer.request(method, f"/api{path}", **options)

    assert len(mounted.headers.pop("x-request-id")) == len(direct.headers.pop("x-request-id"))
    assert (mounted.status_code, mounted.headers) == (direct.status_code, direct.headers)
    assert mounted.content == direct.content


async def test_mounted_gateway_is_started_by_its_first_request() -> None:
    shop = gateway(development())
    async with client_of(Starlette(routes=[Mount("/api", shop)])) as client:
        answer = await client.post("/api/graphql", json={"query": QUERY})
    await shop.close()

    assert answer.json() == {"data": {"products": [{"name": "Table"}]}}


@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_slash_at_the_end_leads_to_the_path_without(shop: Gateway, prefix: str) -> None:
    app: ASGIApp = Starlette(routes=[Mount("/api", shop)]) if prefix else shop
    async with client_of(app) as client:
        answer = await client.post(f"{prefix}/graphql/?a=b", json={"query": QUERY})

    assert answer.status_code == 307
    assert answer.headers["location"] == f"http://gateway{prefix}/graphql?a=b"


async def test_every_answer_has_the_id_of_its_request(client: httpx2.AsyncClient) -> None:
    given = {"x-request-id": "abc-1"}
    answers = [
        await client.post("/graphql", json={"query": QUERY}, headers=given),
        await client.post("/graphql", json={"query": "{"}, headers=given),
        await client.get("/graphql", headers={"accept": "text/html", **given}),
        await client.get("/nothing", headers=given),
    ]
    others = {(await client.get("/health/live")).headers["x-request-id"] for _ in range(5)}

    assert [answer.headers["x-request-id"] for answer in answers] == ["abc-1"] * 4
    assert len(others) == 5


async def test_client_that_leaves_is_answered_nothing(shop: Gateway) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    await shop(scope, receive, send)

    assert sent == []


@pytest.mark.parametrize("path", ["/graphql", "/health/ready"])
async def test_failure_while_answering_is_the_servers(shop: Gateway, path: str) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b'{"query": "{ __typename }"}'}

    async def send(message: Message) -> None:
        raise OSError("the connection is lost")

    scope: Scope = {
        "type": "http",
        "method": "POST" if path == "/graphql" else "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    with pytest.raises(OSError, match="lost"):
        await shop(scope, receive, send)


class Explosive:
    def __bool__(self) -> bool:
        raise RuntimeError("password=hunter2")


async def test_unexpected_exception_of_a_route_is_masked(
    shop: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client_of(shop) as client:
        monkeypatch.setattr(shop, "_is_started", Explosive())
        answer = await client.get("/health/ready", headers={"x-request-id": "abc-1"})
        monkeypatch.undo()

    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "abc-1")
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "hunter2" not in answer.text
