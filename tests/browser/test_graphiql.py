"""GraphiQL as a newcomer meets it after `make run`: everything works, nothing calls home."""

import os
import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.async_api import expect

from subgraphs.demo.installed_servers import find_binary
from subgraphs.demo.processes import free_port
from tests.browser.graphiql_page import READY_MS, open_graphiql
from tests.kit.servers import REPOSITORY, clean_environment, require_binary, running_process

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

BUNDLE = REPOSITORY / "supergraph" / "server" / "graphiql" / "dist" / "index.html"


@pytest.fixture(scope="module")
def gateway_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The GraphQL endpoint of a `make run` of its own."""
    yield from _run(tmp_path_factory)


@pytest.fixture
def events_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The same with subscriptions as server-sent events."""
    yield from _run(tmp_path_factory, SUPERGRAPH_GRAPHIQL_SUBSCRIPTIONS="sse")


def _run(tmp_path_factory: pytest.TempPathFactory, **settings: str) -> Generator[str]:
    if not BUNDLE.exists():
        if "graphiql" in os.environ.get("SUPERGRAPH_TESTS_WITHOUT", "").split(","):
            pytest.skip("SUPERGRAPH_TESTS_WITHOUT names graphiql: the bundle is not built")
        pytest.fail("the GraphiQL bundle is not built: make graphiql")
    folder, port = tmp_path_factory.mktemp("run"), free_port()
    with running_process(
        "run",
        ["-m", "subgraphs.demo", "run", "--port", str(port)],
        folder=folder,
        environment=clean_environment(DATA_DIR=folder / "data", **settings),
        health_url=f"http://127.0.0.1:{port}/health/ready",
        ready_seconds=120,
    ):
        yield f"http://127.0.0.1:{port}/graphql"


@pytest.fixture(scope="module")
def chromium() -> Path:
    with require_binary("chromium"):
        return find_binary("chromium", package="chromium")


async def test_newcomer_runs_the_query_and_watches_a_campaign(
    chromium: Path, gateway_url: str
) -> None:
    async with open_graphiql(gateway_url, chromium) as graphiql:
        assert await graphiql.tab_titles() == ["Overview", "Launch", "Progress"]
        await graphiql.wait_for_operation("Overview")
        await graphiql.execute()
        answer = await graphiql.response_with("Acme Retail")
        assert "errors" not in answer

        await graphiql.choose_tab("Launch")
        await graphiql.execute()
        await graphiql.response_with("LAUNCHING")
        await graphiql.choose_tab("Progress")
        await graphiql.execute()
        running = await graphiql.response_with(r'RUNNING[\s\S]*"percent": [1-9]')
        assert "Ada Byron" in running
        if screenshot := os.environ.get("GRAPHIQL_SCREENSHOT"):
            await graphiql.screenshot(Path(screenshot))
        await graphiql.response_with("COMPLETED")

        assert graphiql.outside_requests == []
        assert graphiql.console_errors == []


async def test_the_plan_of_a_live_subscription_is_drawn(
    chromium: Path, gateway_url: str, tmp_path: Path
) -> None:
    async with open_graphiql(gateway_url, chromium) as graphiql:
        panel = await graphiql.open_plan()
        await expect(panel).to_contain_text("Run an operation")
        await graphiql.wait_for_operation("Overview")
        await graphiql.execute()
        await graphiql.response_with("Acme Retail")
        for subgraph in ("users", "accounts", "tasks"):
            fetch = panel.locator(f".plan-fetch[data-service='{subgraph}']").first
            await expect(fetch).to_contain_text(re.compile(r"[0-9.]+ ms"), timeout=READY_MS)
        await expect(panel.get_by_role("list", name="Fetches over time")).to_be_visible()

        await graphiql.choose_tab("Progress")
        await graphiql.execute()
        await graphiql.response_with('"state"')
        events = panel.locator(".plan-fetch[data-service='tasks/taskProgress']")
        await expect(events).to_be_visible(timeout=READY_MS)
        await expect(panel).to_contain_text("then, for each event")
        await expect(panel.locator(".plan-timeline")).to_contain_text("users")
        assert "queryPlan" not in await graphiql.response_with('"state"')
        path = Path(os.environ.get("GRAPHIQL_PLAN_SCREENSHOT", tmp_path / "plan.png"))
        assert len(await graphiql.screenshot(path)) > 50_000, "it shows something"

        assert graphiql.outside_requests == []
        assert graphiql.console_errors == []


@pytest.mark.long
async def test_a_subscription_may_come_as_events(chromium: Path, events_url: str) -> None:
    async with open_graphiql(events_url, chromium) as graphiql:
        sockets: list[str] = []
        graphiql.page.on("websocket", lambda socket: sockets.append(socket.url))
        await graphiql.wait_for_operation("Overview")
        await graphiql.choose_tab("Launch")
        await graphiql.execute()
        await graphiql.response_with("LAUNCHING")
        await graphiql.choose_tab("Progress")
        await graphiql.execute()
        await graphiql.response_with(r'RUNNING[\s\S]*"percent": [1-9]')
        await graphiql.response_with("COMPLETED")

        assert sockets == []
        assert graphiql.console_errors == []
