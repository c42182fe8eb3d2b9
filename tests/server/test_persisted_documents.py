"""Documents that clients name: automatic persisted queries and trusted documents, over HTTP."""

import hashlib
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from subgraphs.demo.installed_servers import RedisServer
from supergraph.config.gateway import (
    AutomaticDocumentConfig,
    GatewayConfig,
    PersistedDocumentConfig,
    TrustedDocumentConfig,
)
from supergraph.errors import SupergraphError
from supergraph.stages.persisted_documents import PersistedDocuments
from tests.server import shop

QUERY = "{ products { name } }"
OTHER = "{ __typename }"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def named(hash_: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_}}} | more


def configured(trusted: TrustedDocumentConfig | None = None, **automatic: Any) -> GatewayConfig:
    documents = PersistedDocumentConfig(
        automatic=AutomaticDocumentConfig(**automatic),
        trusted=trusted or TrustedDocumentConfig(),
    )
    return shop.development(persisted_documents=documents)


@asynccontextmanager
async def client_of(config: GatewayConfig) -> AsyncGenerator[httpx2.AsyncClient]:
    async with shop.gateway(config) as started, shop.client_of(started) as opened:
        yield opened


async def ask(client: httpx2.AsyncClient, body: Any) -> tuple[int, Any]:
    """The status, and the data or the error's message and code."""
    answer = await client.post("/graphql", json=body)
    payload = answer.json()
    if "errors" not in payload:
        return answer.status_code, payload["data"]
    error = payload["errors"][0]
    return answer.status_code, (error["message"], error["extensions"]["code"])


NOT_FOUND = (200, ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND"))


@pytest.fixture
async def automatic() -> AsyncGenerator[httpx2.AsyncClient]:
    async with client_of(configured()) as opened:
        yield opened


async def test_a_text_is_registered_once_and_named_from_then_on(
    automatic: httpx2.AsyncClient,
) -> None:
    assert await ask(automatic, named(sha(QUERY))) == NOT_FOUND
    status, data = await ask(automatic, named(sha(QUERY), query=QUERY))
    assert status == 200
    assert await ask(automatic, named(sha(QUERY))) == (200, data)
    assert await ask(automatic, {"documentId": f"sha256:{sha(QUERY)}"}) == (200, data)


async def test_a_missing_text_is_not_cached_on_the_way(automatic: httpx2.AsyncClient) -> None:
    answer = await automatic.post("/graphql", json=named(sha(QUERY)))
    assert answer.headers["cache-control"] == "private, no-cache, must-revalidate"


async def test_a_get_may_name_a_document(automatic: httpx2.AsyncClient) -> None:
    await ask(automatic, named(sha(OTHER), query=OTHER))
    parameters = {"extensions": json.dumps(named(sha(OTHER))["extensions"])}
    headers = {"apollo-require-preflight": "1"}
    answer = await automatic.get("/graphql", params=parameters, headers=headers)
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_a_wrong_hash_registers_nothing(automatic: httpx2.AsyncClient) -> None:
    wrong = await ask(automatic, named(sha(OTHER), query=QUERY))
    assert wrong[1] == ("provided sha does not match query", "PERSISTED_QUERY_HASH_MISMATCH")
    assert await ask(automatic, named(sha(OTHER))) == NOT_FOUND


@pytest.mark.parametrize(
    "extension",
    [
        {},
        {"version": 2, "sha256Hash": "x"},
        {"version": 1},
        {"version": 1, "sha256Hash": 1},
        [],
        "x",
    ],
)
async def test_a_name_of_another_form_is_refused(
    automatic: httpx2.AsyncClient, extension: Any
) -> None:
    _, (_, code) = await ask(automatic, {"extensions": {"persistedQuery": extension}})
    assert code == "INVALID_GRAPHQL_REQUEST"


@pytest.mark.parametrize("hash_", ["x", "x" * 100_000, ""])
async def test_what_is_no_hash_is_not_found(automatic: httpx2.AsyncClient, hash_: str) -> None:
    assert await ask(automatic, named(hash_)) == NOT_FOUND


async def test_without_name_and_text_there_is_no_query(automatic: httpx2.AsyncClient) -> None:
    _, (_, code) = await ask(automatic, {"query": ""})
    assert code == "MISSING_QUERY_STRING"


async def test_switched_off_it_says_so_and_texts_are_still_answered() -> None:
    async with client_of(configured(enabled=False)) as off:
        assert await ask(off, named(sha(OTHER))) == (
            200,
            ("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED"),
        )
        assert await ask(off, named(sha(OTHER), query=OTHER)) == (200, {"__typename": "Query"})


async def test_texts_are_bounded() -> None:
    async with client_of(configured(entries=1)) as one:
        await ask(one, named(sha(OTHER), query=OTHER))
        await ask(one, named(sha(QUERY), query=QUERY))
        assert await ask(one, named(sha(OTHER))) == NOT_FOUND


async def test_gateways_share_texts_through_redis_and_go_on_without_it(
    redis_server: RedisServer,
) -> None:
    config = configured(redis_url=redis_server.url)
    async with client_of(config) as first, client_of(config) as second:
        await ask(first, named(sha(OTHER), query=OTHER))
        assert await ask(second, named(sha(OTHER))) == (200, {"__typename": "Query"})
        redis_server.kill()
        assert await ask(second, named(sha(OTHER))) == (200, {"__typename": "Query"})
        assert await ask(second, named(sha(QUERY))) == NOT_FOUND
        started = time.monotonic()
        for number in range(50):
            assert await ask(second, named(sha(str(number)))) == NOT_FOUND
        assert time.monotonic() - started < 5, "not every request waits for a Redis that is away"
        assert (await ask(second, named(sha(QUERY), query=QUERY)))[0] == 200


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    apollo = {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{"id": sha(QUERY), "name": "P", "type": "query", "body": QUERY}],
    }
    (tmp_path / "web.json").write_text(json.dumps(apollo))
    (tmp_path / "app.json").write_text(json.dumps({"typename-1": OTHER}))
    return tmp_path


FREE = "{ products { __typename } }"


async def test_only_trusted_documents_are_answered_where_that_is_enforced(manifests: Path) -> None:
    trusted = TrustedDocumentConfig(folder=str(manifests))
    async with client_of(configured(trusted)) as enforced:
        for body in (named(sha(QUERY)), {"query": QUERY}, {"documentId": f"sha256:{sha(QUERY)}"}):
            assert (await ask(enforced, body))[0] == 200
        assert await ask(enforced, {"documentId": "typename-1"}) == (200, {"__typename": "Query"})
        status, (_, code) = await ask(enforced, {"query": FREE})
        assert (status, code) == (403, "QUERY_NOT_IN_SAFELIST")
        # Nor can a client register it.
        status, (_, code) = await ask(enforced, named(sha(FREE), query=FREE))
        assert (status, code) == (403, "QUERY_NOT_IN_SAFELIST")
        status, (message, code) = await ask(enforced, {"documentId": "other"})
        assert (status, code) == (404, "PERSISTED_QUERY_NOT_IN_LIST")
        assert message == "Persisted query 'other' not found in the persisted query list"
        status, (_, code) = await ask(enforced, {"documentId": "typename-1", "query": QUERY})
        assert code == "PERSISTED_QUERY_HASH_MISMATCH"


async def test_an_id_may_be_required(manifests: Path) -> None:
    trusted = TrustedDocumentConfig(folder=str(manifests), require_id=True)
    async with client_of(configured(trusted)) as enforced:
        _, (_, code) = await ask(enforced, {"query": QUERY})
        assert code == "PERSISTED_QUERY_ID_REQUIRED"
        assert (await ask(enforced, named(sha(QUERY))))[0] == 200


async def test_others_may_be_logged_only(manifests: Path, caplog: pytest.LogCaptureFixture) -> None:
    trusted = TrustedDocumentConfig(folder=str(manifests), mode="log")
    async with client_of(configured(trusted)) as logged:
        assert (await ask(logged, {"query": QUERY}))[0] == 200
        assert "untrusted_document" not in caplog.messages
        assert (await ask(logged, {"query": FREE}))[0] == 200
        assert "untrusted_document" in caplog.messages
        # What clients register themselves is still answered.
        await ask(logged, named(sha(FREE), query=FREE))
        assert (await ask(logged, named(sha(FREE))))[0] == 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "no manifest"),
        ("[]", "no manifest"),
        ('{"a": 1}', "no manifest"),
        ('{"format": "other", "version": 1, "operations": []}', "its format is not"),
        ('{"typename-1": "{ a }"}', "stands for two documents"),
        (None, "no manifest"),
    ],
)
def test_a_folder_that_cannot_be_used_is_told(
    manifests: Path, content: str | None, words: str
) -> None:
    if content is None:
        for file in manifests.iterdir():
            file.unlink()
    else:
        (manifests / "bad.json").write_text(content)
    config = configured(TrustedDocumentConfig(folder=str(manifests)))
    with pytest.raises(SupergraphError, match=words):
        PersistedDocuments(config.persisted_documents)
