"""A kit for the tasks service: an app on a database of its own, and requests of several viewers.

The accounts service runs beside it, as in the embedded mode: campaigns need accounts.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from strawberry.types import ExecutionResult

from subgraphs.accounts.models import AccountRow
from subgraphs.accounts.names import AccountStatus
from subgraphs.accounts.service import SERVICE as ACCOUNTS
from subgraphs.shared.app import create_service_app
from subgraphs.shared.auth import Viewer
from subgraphs.shared.context import RequestContext, ServiceResources
from subgraphs.shared.migrate import upgrade
from subgraphs.shared.resources import database_of
from subgraphs.shared.service import Service
from subgraphs.shared.settings import load_settings
from subgraphs.tasks.loaders import TasksLoaders
from subgraphs.tasks.service import SERVICE
from tests.kit.servers import clean_environment

ADA = Viewer("usr_ada", "org_acme", frozenset({"OWNER"}))
LINUS = Viewer("usr_linus", "org_acme", frozenset({"ANALYST"}))
HANK = Viewer("usr_hank", "org_globex", frozenset({"OWNER"}))
TOKEN_KEY = "k" * 32
WAIT_SECONDS = 60.0


@dataclass
class TasksApp:
    """A running tasks service, and the accounts service that it asks."""

    app: Starlette
    accounts: Starlette
    client: httpx2.AsyncClient
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def resources(self) -> ServiceResources:
        resources: ServiceResources = self.app.state.resources
        return resources

    def token(self, viewer: Viewer) -> str:
        return "Bearer " + self.resources.token_key.sign(viewer, 3600)

    async def post(
        self, query: str, variables: Mapping[str, Any] | None = None, viewer: Viewer | None = ADA
    ) -> dict[str, Any]:
        """The whole answer of a request over HTTP."""
        headers = {} if viewer is None else {"authorization": self.token(viewer)}
        reply = await self.client.post(
            "/graphql", json={"query": query, "variables": variables or {}}, headers=headers
        )
        answer: dict[str, Any] = reply.json()
        return answer

    async def data(
        self, query: str, variables: Mapping[str, Any] | None = None, viewer: Viewer | None = ADA
    ) -> dict[str, Any]:
        """The data of a request that must have no errors."""
        answer = await self.post(query, variables, viewer)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def command(self, name: str, campaign_id: str, key: str = "1") -> dict[str, Any]:
        """The payload of launchCampaign and its like."""
        query = f"""mutation ($input: CampaignCommandInput!) {{ {name}(input: $input) {{
            campaign {{ id state progress {{ sequence }} }} userErrors {{ field code }} }} }}"""
        variables = {"input": {"campaignId": campaign_id, "idempotencyKey": f"{name}-{key}"}}
        payload: dict[str, Any] = (await self.data(query, variables))[name]
        return payload

    async def set_account_status(self, account_id: str, status: AccountStatus) -> None:
        """Let something happen to an account that the tasks service does not hear of."""
        async with self.accounts.state.resources.database.writing() as session:
            (await session.get_one(AccountRow, account_id)).status = status

    async def events(
        self, query: str, viewer: Viewer = ADA
    ) -> AsyncGenerator[ExecutionResult, None]:
        """The events of a subscription."""
        context: RequestContext[TasksLoaders] = RequestContext(
            resources=self.resources,
            loaders=TasksLoaders(self.resources, False),
            authorization=self.token(viewer),
        )
        async with asyncio.timeout(WAIT_SECONDS):
            subscription = await SERVICE.schema.subscribe(query, context_value=context)
            async with contextlib.aclosing(subscription) as events:
                async for event in events:
                    yield event


OpenTasks = Callable[..., AbstractAsyncContextManager[TasksApp]]


async def wait_until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that only the database or another task can tell."""
    async with asyncio.timeout(WAIT_SECONDS):
        # No event says so: the change is in a database, made by another process.
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database files with the demo data, to be copied."""
    folder = tmp_path_factory.mktemp("demo")

    async def create(service: Service) -> None:
        settings = load_settings(service.name, service.default_port, {"DATA_DIR": str(folder)})
        async with database_of(settings) as database:
            await upgrade(database, service.migrations)
            async with database.writing() as session:
                await service.load_demo_data(session)

    for service in (ACCOUNTS, SERVICE):
        asyncio.run(create(service))
    return folder


@pytest.fixture
def open_tasks(tmp_path: Path, demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> OpenTasks:
    """`async with open_tasks(TASKS_WORKER="off", …) as tasks` runs the service with demo data."""

    @contextlib.asynccontextmanager
    async def open_app(**settings: str) -> AsyncGenerator[TasksApp]:
        given = {"DATA_DIR": str(tmp_path), "USERS_TOKEN_KEY": TOKEN_KEY} | settings
        for name in clean_environment().keys() ^ clean_environment(**given).keys():
            monkeypatch.setenv(name, given[name])
        for name in ("accounts.db", "tasks.db"):
            if not (tmp_path / name).exists():
                shutil.copy(demo_folder / name, tmp_path / name)
        accounts = create_service_app(ACCOUNTS)
        app = create_service_app(SERVICE, load_settings("tasks", 4003, given))
        async with accounts.router.lifespan_context(accounts), app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://tasks") as client:
                yield TasksApp(app, accounts, client, given)

    return open_app


@pytest.fixture
async def tasks(open_tasks: OpenTasks) -> AsyncGenerator[TasksApp]:
    """The service without a worker."""
    async with open_tasks(TASKS_WORKER="off") as opened:
        yield opened
