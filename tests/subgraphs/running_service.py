"""A service under test: its real ASGI app, database, migrations and demo data, in this process."""

import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from starlette.applications import Starlette

from subgraphs.shared.app import create_service_app
from subgraphs.shared.auth import Viewer
from subgraphs.shared.context import ServiceResources
from subgraphs.shared.migrate import upgrade
from subgraphs.shared.resources import database_of
from subgraphs.shared.service import Service
from subgraphs.shared.settings import load_settings

ADA = Viewer("usr_ada", "org_acme", frozenset({"OWNER", "OPERATOR"}))
LINUS = Viewer("usr_linus", "org_acme", frozenset({"ANALYST"}))
HANK = Viewer("usr_hank", "org_globex", frozenset({"OWNER"}))

ENTITIES = """
query Entities($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename ... on %s { id } }
}
"""


@dataclass(frozen=True, slots=True)
class RunningService:
    """`execute` sends a document as a client would."""

    app: Starlette
    client: httpx2.AsyncClient

    @property
    def resources(self) -> ServiceResources:
        return self.app.state.resources

    def token(self, viewer: Viewer) -> str:
        return self.resources.token_key.sign(viewer, lifetime_seconds=60)

    async def execute(
        self, query: str, viewer: Viewer | None = ADA, **variables: Any
    ) -> dict[str, Any]:
        headers = {} if viewer is None else {"Authorization": f"Bearer {self.token(viewer)}"}
        body = {"query": query, "variables": variables}
        response = await self.client.post("/graphql", json=body, headers=headers)
        assert response.status_code == 200, response.text
        return response.json()

    async def data(self, query: str, viewer: Viewer | None = ADA, **variables: Any) -> Any:
        answer = await self.execute(query, viewer, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def code(self, query: str, viewer: Viewer | None = ADA, **variables: Any) -> str:
        answer = await self.execute(query, viewer, **variables)
        return answer["errors"][0]["extensions"]["code"]


@contextlib.asynccontextmanager
async def running_service(
    service: Service, environment: Mapping[str, str]
) -> AsyncGenerator[RunningService]:
    settings = load_settings(service.name, service.default_port, environment)
    async with database_of(settings) as database:
        await upgrade(database, service.migrations)
        async with database.writing() as session:
            await service.load_demo_data(session)
    app = create_service_app(service, settings)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
            yield RunningService(app, client)


def environment_for(backend: str, request: Any, data_dir: Any) -> dict[str, str]:
    """The environment of a service on SQLite in `data_dir`, or on the tests' PostgreSQL."""
    environment = {
        "DATA_DIR": str(data_dir),
        "USERS_TOKEN_KEY": "a key for tests that is long enough",
        "ACCOUNTS_CREDENTIALS_KEY": "c2l4dGVlbiBieXRlcyAqIDIgZm9yIGEgdGVzdCBrZXk=",
    }
    if backend == "postgres":
        environment["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return environment


async def collect_pages(service: RunningService, query: str, path: str, first: int) -> list[Any]:
    """Every node of a connection, read page by page. The query takes `$first` and `$after`."""
    nodes: list[Any] = []
    after: str | None = None
    while True:
        connection: Any = await service.data(query, first=first, after=after)
        for field in path.split("."):
            connection = connection[field]
        assert len(connection["edges"]) <= first
        nodes += [edge["node"] for edge in connection["edges"]]
        if not connection["pageInfo"]["hasNextPage"]:
            return nodes
        after = connection["pageInfo"]["endCursor"]
