"""GraphiQL as a newcomer meets it after `make run`: everything works, nothing calls home."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from subgraphs.demo.installed_servers import find_binary
from subgraphs.demo.processes import free_port
from tests.browser.graphiql_page import open_graphiql
from tests.kit.servers import REPOSITORY, clean_environment, require_binary, running_process

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

BUNDLE = REPOSITORY / "supergraph" / "server" / "graphiql" / "dist" / "index.html"


@pytest.fixture(scope="module")
def gateway_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The GraphQL endpoint of a `make run` of its own."""
    if not BUNDLE.exists():
        if "graphiql" in os.environ.get("SUPERGRAPH_TESTS_WITHOUT", "").split(","):
            pytest.skip("SUPERGRAPH_TESTS_WITHOUT names graphiql: the bundle is not built")
        pytest.fail("the GraphiQL bundle is not built: make graphiql")
    folder, port = tmp_path_factory.mktemp("run"), free_port()
    with running_process(
        "run",
        ["-m", "subgraphs.demo", "run", "--port", str(port)],
        folder=folder,
        environment=clean_environment(DATA_DIR=folder / "data"),
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
