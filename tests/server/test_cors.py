"""Pages of other origins: what a browser is told before and after it asks."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from supergraph.config.gateway import CorsConfig, load_gateway_config
from supergraph.config.yaml_document import ConfigError
from supergraph.stages.request import GraphQLRequest
from tests.server.shop import client_of, development, gateway

APP = "https://app.example.com"


@asynccontextmanager
async def allowing(**cors: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    config = development(cors=CorsConfig(**cors))
    async with gateway(config) as app, client_of(app) as client:
        yield client


async def ask(client: httpx2.AsyncClient, origin: str | None, query: str = "{ __typename }") -> Any:
    headers = {} if origin is None else {"origin": origin}
    return await client.post("/graphql", json={"query": query}, headers=headers)


def told(answer: httpx2.Response) -> dict[str, str]:
    return {
        name.removeprefix("access-control-"): value
        for name, value in answer.headers.items()
        if name.startswith("access-control-")
    }


async def test_without_origins_nothing_is_told(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, APP)
    assert told(answer) == {}
    assert "vary" not in answer.headers


async def test_a_listed_origin_may_read() -> None:
    async with allowing(origins=(APP,), expose_headers=("x-request-id",)) as client:
        answer = await ask(client, APP)
        assert told(answer) == {"allow-origin": APP, "expose-headers": "x-request-id"}
        assert answer.headers["vary"] == "origin"
        assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None, APP + ".evil.example"])
async def test_other_origins_may_not(origin: str | None) -> None:
    async with allowing(origins=(APP,)) as client:
        answer = await ask(client, origin)
        assert told(answer) == {}
        assert answer.headers["vary"] == "origin", "a cache must not serve it to a listed one"


async def test_refusals_can_be_read_too() -> None:
    async with allowing(origins=(APP,)) as client:
        answer = await ask(client, APP, "{")
        assert told(answer) == {"allow-origin": APP}


async def test_what_nobody_expected_can_be_read_too() -> None:
    async def broken(request: GraphQLRequest) -> GraphQLRequest:
        raise RuntimeError("secret")

    config = development(cors=CorsConfig(origins=(APP,)))
    async with gateway(config, stages=[broken]) as app, client_of(app) as client:
        answer = await ask(client, APP)
    assert (answer.status_code, told(answer)) == (500, {"allow-origin": APP})


async def test_any_origin_may_read_without_cookies() -> None:
    async with allowing(origins=("*",)) as client:
        assert told(await ask(client, APP)) == {"allow-origin": "*"}


async def preflight(client: httpx2.AsyncClient, origin: str, **headers: str) -> httpx2.Response:
    asked = {"origin": origin, "access-control-request-method": "POST"} | headers
    return await client.options("/graphql", headers=asked)


async def test_a_browser_that_asks_first_is_told_what_it_may_send() -> None:
    async with allowing(origins=(APP,), credentials=True) as client:
        asked = {"access-control-request-headers": "content-type, authorization"}
        answer = await preflight(client, APP, **asked)
        assert answer.status_code == 204
        assert answer.content == b""
        assert told(answer) == {
            "allow-origin": APP,
            "allow-credentials": "true",
            "allow-headers": "content-type, authorization",
            "allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
            "max-age": "7200",
        }


async def test_the_headers_may_be_listed() -> None:
    async with allowing(origins=(APP,), headers=("content-type",)) as client:
        answer = await preflight(client, APP, **{"access-control-request-headers": "x-other"})
        assert told(answer)["allow-headers"] == "content-type"


async def test_another_origin_that_asks_first_is_told_nothing() -> None:
    async with allowing(origins=(APP,)) as client:
        assert told(await preflight(client, "https://evil.example")) == {}


async def test_a_list_of_headers_is_given_back_in_bounds() -> None:
    async with allowing(origins=(APP,)) as client:
        answer = await preflight(client, APP, **{"access-control-request-headers": "x" * 9_000})
        assert len(told(answer)["allow-headers"]) == 2_000


def test_cookies_for_every_origin_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text("cors: " + json.dumps({"origins": ["*"], "credentials": True}))
    with pytest.raises(ConfigError, match="name the origins"):
        load_gateway_config(file)
