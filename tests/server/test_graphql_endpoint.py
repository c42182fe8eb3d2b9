"""GraphQL over HTTP, asked through the ASGI app."""

import json
from typing import Any

import httpx2
import pytest

from supergraph.config.gateway import ErrorConfig, LimitConfig
from tests.server.shop import client_of, development, gateway

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
#: What urql 5 sends; see its @urql/core.
URQL = f"{GRAPHQL}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed"


async def post(client: httpx2.AsyncClient, accept: str = GRAPHQL, **body: Any) -> httpx2.Response:
    return await client.post("/graphql", json=body, headers={"accept": accept})


def code(response: httpx2.Response) -> str:
    result: str = response.json()["errors"][0]["extensions"]["code"]
    return result


async def test_query_spans_subgraphs(client: httpx2.AsyncClient) -> None:
    answer = await post(client, query="{ products { name reviews { text } } }")

    assert answer.status_code == 200
    assert answer.json() == {
        "data": {
            "products": [
                {"name": "Table", "reviews": [{"text": "Review of 1"}]},
                {"name": "Chair", "reviews": [{"text": "Review of 2"}]},
            ]
        }
    }


async def test_integers_over_64_bits_survive(client: httpx2.AsyncClient) -> None:
    answer = await post(client, query='{ product(id: "1") { stock } }')

    assert str(2**70) in answer.text


async def test_mutation_changes_the_subgraph(client: httpx2.AsyncClient) -> None:
    answer = await post(
        client,
        query='mutation Rename($id: ID!) { rename(id: $id, name: "Desk") { name } }',
        variables={"id": 1},
        operationName="Rename",
    )

    assert answer.json() == {"data": {"rename": {"name": "Desk"}}}


async def test_get_answers_a_query(client: httpx2.AsyncClient) -> None:
    answer = await client.get(
        "/graphql",
        params={
            "query": "query Q($id: ID!) { product(id: $id) { name } }",
            "variables": json.dumps({"id": "2"}),
            "operationName": "Q",
        },
    )

    assert answer.json() == {"data": {"product": {"name": "Chair"}}}


async def test_get_may_not_run_a_mutation(client: httpx2.AsyncClient) -> None:
    query = 'mutation { rename(id: "1", name: "x") { name } }'
    answer = await client.get("/graphql", params={"query": query})

    assert (answer.status_code, code(answer)) == (405, "MUTATION_FORBIDDEN")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0, */*", JSON),
        (URQL, GRAPHQL),
    ],
)
async def test_accept_decides_the_media_type(
    client: httpx2.AsyncClient, accept: str | None, media_type: str
) -> None:
    request = client.build_request("POST", "/graphql", json={"query": "{ __typename }"})
    request.headers.pop("accept")
    if accept is not None:
        request.headers["accept"] = accept
    answer = await client.send(request)

    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "accept",
    ["text/event-stream;q=0", "image/png", f"{JSON};q=0", f"{JSON};charset=latin1", "garbage"],
)
async def test_unacceptable_media_type_is_406(client: httpx2.AsyncClient, accept: str) -> None:
    answer = await post(client, accept=accept, query="{ __typename }")

    assert (answer.status_code, code(answer)) == (406, "INVALID_ACCEPT_HEADER")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query Q($n: Int!) { products(first: $n) { id } }"}, "BAD_USER_INPUT"),
        (
            {
                "query": "query Q($n: Int!) { products(first: $n) { id } }",
                "variables": {"n": "many"},
            },
            "BAD_USER_INPUT",
        ),
        (
            {"query": "query A { __typename } query B { __typename }"},
            "GRAPHQL_UNKNOWN_OPERATION_NAME",
        ),
        (
            {"query": "{ __typename }", "operationName": "Missing"},
            "GRAPHQL_UNKNOWN_OPERATION_NAME",
        ),
        ({"query": "fragment F on Query { __typename }"}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_wrong_documents_are_400_but_200_for_clients_of_plain_json(
    client: httpx2.AsyncClient, body: dict[str, Any], expected: str
) -> None:
    modern = await post(client, **body)
    plain = await post(client, accept=JSON, **body)

    assert (modern.status_code, code(modern)) == (400, expected)
    assert (plain.status_code, code(plain)) == (200, expected)
    assert "data" not in modern.json()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "INVALID_GRAPHQL_REQUEST"),
        (b"{", "INVALID_GRAPHQL_REQUEST"),
        (b"\xff\xfe", "INVALID_GRAPHQL_REQUEST"),
        (b'{"query": "{ __typename }"} x', "INVALID_GRAPHQL_REQUEST"),
        (b"[" * 100_000, "BATCHING_NOT_ENABLED"),
        (b'[{"query": "{ __typename }"}]', "BATCHING_NOT_ENABLED"),
        (b'"query"', "INVALID_GRAPHQL_REQUEST"),
        (b"null", "INVALID_GRAPHQL_REQUEST"),
        (b"{}", "MISSING_QUERY_STRING"),
        (b'{"query": null}', "MISSING_QUERY_STRING"),
        (b'{"query": 5}', "INVALID_GRAPHQL_REQUEST"),
        (b'{"query": "{ __typename }", "variables": []}', "INVALID_GRAPHQL_REQUEST"),
        (b'{"query": "{ __typename }", "variables": "{}"}', "INVALID_GRAPHQL_REQUEST"),
        (b'{"query": "{ __typename }", "operationName": 1}', "INVALID_GRAPHQL_REQUEST"),
        (b'{"query": "{ __typename }", "extensions": 1}', "INVALID_GRAPHQL_REQUEST"),
    ],
)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_wrong_bodies_are_400(
    client: httpx2.AsyncClient, body: bytes, expected: str, accept: str
) -> None:
    answer = await client.post(
        "/graphql", content=body, headers={"accept": accept, "content-type": JSON}
    )

    assert (answer.status_code, code(answer)) == (400, expected)


@pytest.mark.parametrize(
    "content_type", ["text/xml", "application/graphql", f"{JSON}; charset=iso-8859-1"]
)
async def test_other_content_types_are_415(client: httpx2.AsyncClient, content_type: str) -> None:
    answer = await client.post(
        "/graphql", content=b'{"query": "{ __typename }"}', headers={"content-type": content_type}
    )

    assert (answer.status_code, code(answer)) == (415, "INVALID_CONTENT_TYPE_HEADER")


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_content_types_of_forms_need_a_header_that_forms_cannot_send(
    client: httpx2.AsyncClient, content_type: str | None
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    body = b'{"query": "{ __typename }"}'
    forged = await client.post("/graphql", content=body, headers=headers)
    headers["apollo-require-preflight"] = "1"
    proven = await client.post("/graphql", content=body, headers=headers)

    assert (forged.status_code, code(forged)) == (400, "CSRF_ERROR")
    assert (proven.status_code, code(proven)) == (415, "INVALID_CONTENT_TYPE_HEADER")


async def test_get_of_another_site_is_refused(client: httpx2.AsyncClient) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    params = {"query": "{ __typename }"}
    forged = await client.get("/graphql", params=params, headers=foreign)
    proven = await client.get(
        "/graphql", params=params, headers=foreign | {"x-apollo-operation-name": "Q"}
    )

    assert code(forged) == "CSRF_ERROR"
    assert proven.status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_get_of_an_own_page_or_of_no_page_is_answered(
    client: httpx2.AsyncClient, site: str
) -> None:
    params = {"query": "{ __typename }"}
    answer = await client.get("/graphql", params=params, headers={"sec-fetch-site": site})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ("same-origin", "INVALID_CONTENT_TYPE_HEADER"),
        ("same-site", "CSRF_ERROR"),
        ("cross-site", "CSRF_ERROR"),
        ("none", "CSRF_ERROR"),
    ],
)
async def test_the_browsers_word_for_an_own_page_proves_a_form(
    client: httpx2.AsyncClient, site: str, expected: str
) -> None:
    headers = {"content-type": "text/plain", "sec-fetch-site": site}
    answer = await client.post("/graphql", content=b"{}", headers=headers)

    assert code(answer) == expected


async def test_other_methods_are_405(client: httpx2.AsyncClient) -> None:
    answer = await client.patch("/graphql", json={"query": "{ __typename }"})

    assert (answer.status_code, code(answer)) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, POST, PUT, DELETE"


async def test_unknown_path_is_404(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/nothing")

    assert (answer.status_code, code(answer)) == (404, "NOT_FOUND")


async def test_body_over_the_limit_is_413() -> None:
    config = development(limits=LimitConfig(body_bytes=1000))
    async with gateway(config) as shop, client_of(shop) as client:
        answer = await post(client, query="{ __typename }" + " " * 1000)

    assert (answer.status_code, code(answer)) == (413, "REQUEST_TOO_LARGE")


async def test_subgraph_error_costs_its_field_and_names_the_service(
    client: httpx2.AsyncClient,
) -> None:
    answer = await post(client, query="{ broken products(first: 1) { name } }")

    assert answer.status_code == 200
    assert answer.json()["data"] == {"broken": None, "products": [{"name": "Table"}]}
    error = answer.json()["errors"][0]
    assert error["path"] == ["broken"]
    assert error["extensions"]["serviceName"] == "products"
    assert error["extensions"]["code"] == "DOWNSTREAM_SERVICE_ERROR"


async def test_subgraph_messages_can_be_masked() -> None:
    config = development(errors=ErrorConfig(mask_subgraph_messages=True))
    async with gateway(config) as shop, client_of(shop) as client:
        answer = await post(client, query="{ broken }")

    assert "hunter2" not in answer.text
    assert answer.json()["errors"][0]["extensions"]["serviceName"] == "products"


async def test_introspection_is_off_unless_it_is_switched_on() -> None:
    async with gateway() as shop, client_of(shop) as client:
        closed = await post(client, query="{ __schema { queryType { name } } }")
        typo = await post(client, query="{ product(id: 1) { nam } }")
        browser = await client.get("/graphql", headers={"accept": "text/html"})
    async with gateway(development()) as shop, client_of(shop) as client:
        opened = await post(client, query="{ __schema { queryType { name } } }")

    assert code(closed) == "INTROSPECTION_DISABLED"
    assert "Did you mean" not in typo.text
    assert browser.status_code == 406
    assert opened.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}


async def test_request_id_is_kept_or_given(client: httpx2.AsyncClient) -> None:
    kept = await client.get("/health/live", headers={"x-request-id": "abc-1"})
    given = await client.get("/health/live", headers={"x-request-id": "a b\tc" * 50})

    assert kept.headers["x-request-id"] == "abc-1"
    assert len(given.headers["x-request-id"]) == 32


async def test_unexpected_exception_is_masked() -> None:
    shop = gateway(development())
    async with shop, client_of(shop) as client:
        shop.pipeline.supergraph.planner.plan = explode  # type: ignore[method-assign, assignment]
        answer = await post(client, query="{ __typename }")

    assert (answer.status_code, code(answer)) == (500, "INTERNAL")
    assert "hunter2" not in answer.text


def explode(*_: object) -> None:
    raise RuntimeError("password=hunter2")
