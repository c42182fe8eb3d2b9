"""Batches of requests over HTTP."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest

from supergraph.config.gateway import BatchingConfig
from tests.server.shop import client_of, development, gateway

NAME = {"query": "{ __typename }"}
NAMED = {"data": {"__typename": "Query"}}


@pytest.fixture
async def batching() -> AsyncGenerator[httpx2.AsyncClient]:
    config = development(batching=BatchingConfig(enabled=True, requests_max=3))
    async with gateway(config) as app, client_of(app) as client:
        yield client


async def ask(client: httpx2.AsyncClient, body: Any, accept: str = "application/json") -> Any:
    return await client.post("/graphql", json=body, headers={"accept": accept})


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


async def test_results_come_in_the_order_of_the_requests(batching: httpx2.AsyncClient) -> None:
    products = {"query": "query P { products { name } }", "operationName": "P"}
    answer = await ask(batching, [products, NAME])
    first, second = answer.json()
    assert answer.status_code == 200
    assert first["data"]["products"]
    assert second == NAMED


async def test_what_is_wrong_with_one_is_its_own_result(batching: httpx2.AsyncClient) -> None:
    answer = await ask(batching, [{"query": "{"}, 7, NAME])
    first, second, third = answer.json()
    assert first["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert second["errors"][0]["extensions"]["code"] == "INVALID_GRAPHQL_REQUEST"
    assert third == NAMED


async def test_the_other_media_type(batching: httpx2.AsyncClient) -> None:
    answer = await ask(batching, [NAME], "application/graphql-response+json")
    assert answer.headers["content-type"] == "application/graphql-response+json"
    assert answer.json() == [NAMED]


async def test_space_before_the_array_changes_nothing(batching: httpx2.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    body = '\n  [{"query": "{ __typename }"}]'
    assert (await batching.post("/graphql", content=body, headers=headers)).json() == [NAMED]


async def test_more_than_allowed_is_refused(batching: httpx2.AsyncClient) -> None:
    assert code(await ask(batching, [NAME] * 4)) == (422, "BATCH_LIMIT_EXCEEDED")


async def test_an_empty_one_is_no_request(batching: httpx2.AsyncClient) -> None:
    assert code(await ask(batching, [])) == (400, "INVALID_GRAPHQL_REQUEST")


async def test_a_stream_cannot_carry_one(batching: httpx2.AsyncClient) -> None:
    assert code(await ask(batching, [NAME], "text/event-stream")) == (406, "INVALID_ACCEPT_HEADER")


async def test_a_batch_in_a_batch_is_refused(batching: httpx2.AsyncClient) -> None:
    (only,) = (await ask(batching, [[NAME]])).json()
    assert only["errors"][0]["extensions"]["code"] == "BATCHING_NOT_ENABLED"


@pytest.mark.parametrize("body", ['[{"query":"{a}"}]', ' [{"query":"{a}"}]'])
async def test_it_is_off_by_default(client: httpx2.AsyncClient, body: str) -> None:
    headers = {"content-type": "application/json"}
    answer = await client.post("/graphql", content=body, headers=headers)
    assert code(answer) == (400, "BATCHING_NOT_ENABLED")
