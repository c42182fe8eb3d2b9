"""What every service's app does with health checks, limits, errors and broken requests."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest
import strawberry
from sqlalchemy import text

from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.migrate import Migrations
from subgraphs.shared.schema import create_service_schema
from subgraphs.shared.service import Service
from subgraphs.users.service import SERVICE as USERS
from tests.subgraphs.running_service import RunningService, running_service


@strawberry.type
class Node:
    """Refers to itself, for deep queries."""

    @strawberry.field
    def node(self) -> "Node":
        return Node()

    @strawberry.field
    def leaf(self) -> int:
        return 1


@strawberry.type
class Query:
    """Fails in the ways a resolver can fail."""

    @strawberry.field
    def node(self) -> Node:
        return Node()

    @strawberry.field
    async def broken_sql(self, info: ServiceInfo) -> int | None:
        async with info.context.database.reading() as session:
            await session.execute(text("SELECT secret_column FROM secret_table"))
        return 1

    @strawberry.field
    def missing(self) -> int:
        return None  # type: ignore[return-value]


TRIAL = Service(
    name="users",
    default_port=4999,
    schema=create_service_schema(Query),
    migrations=Migrations("users", USERS.migrations.folder, USERS.migrations.metadata),
    create_loaders=lambda _resources, _remembers: None,
    load_demo_data=USERS.load_demo_data,
)


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncGenerator[RunningService]:
    async with running_service(TRIAL, {"DATA_DIR": str(tmp_path)}) as running:
        yield running


async def test_health(trial: RunningService) -> None:
    for path in ("/health/live", "/health/ready"):
        response = await trial.client.get(path)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_an_unexpected_error_is_masked_and_logged(
    trial: RunningService, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await trial.execute("query Spy { brokenSql }")

    [error] = answer["errors"]
    assert error["extensions"] == {"code": "INTERNAL"}
    assert error["path"] == ["brokenSql"]
    assert "secret" not in str(answer)
    assert "secret_table" in caplog.text
    assert "operation Spy failed at ['brokenSql']" in caplog.text


async def test_a_null_against_the_schema_is_our_fault(trial: RunningService) -> None:
    assert await trial.code("{ missing }") == "INTERNAL"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ " + "node { leaf } " * 2000 + "}", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ " + "node { " * 25 + "leaf" + " }" * 26, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_document_that_cannot_be_run_has_a_code(
    trial: RunningService, query: str, code: str
) -> None:
    assert await trial.code(query) == code


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"not json", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"query": 5}', 400),
        (b"\xff\xfe", 400),
    ],
)
async def test_a_body_that_is_no_request_is_a_client_error(
    trial: RunningService, content: bytes, status: int
) -> None:
    response = await trial.client.post(
        "/graphql", content=content, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == status, response.text


async def test_a_body_over_the_limit_is_refused_announced_or_not(trial: RunningService) -> None:
    async def chunks() -> AsyncGenerator[bytes]:
        for _ in range(5):
            yield b" " * 1024 * 1024

    headers = {"Content-Type": "application/json"}
    announced = await trial.client.post("/graphql", content=b" " * 5_000_000, headers=headers)
    streamed = await trial.client.post("/graphql", content=chunks(), headers=headers)

    for response in (announced, streamed):
        assert response.status_code == 413
        assert response.json()["errors"][0]["extensions"]["code"] == "REQUEST_TOO_LARGE"


async def test_there_is_no_page_from_a_cdn(trial: RunningService) -> None:
    response: httpx2.Response = await trial.client.get("/graphql", headers={"Accept": "text/html"})

    assert response.status_code == 404
