"""Subscriptions with nothing but a browser's own EventSource, which can send no header."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Page, async_playwright

from subgraphs.demo.installed_servers import find_binary
from tests.browser.graphiql_page import CHROMIUM_FLAGS
from tests.kit.servers import require_binary
from tests.protocol import processes
from tests.protocol.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

#: All events of a stream up to `count`, by their kind and data; or how it failed.
WATCH = """({url, count}) => new Promise((resolve) => {
    const seen = [];
    const source = new EventSource(url);
    const note = ({type, data}) => {
        seen.push([type, data && JSON.parse(data)]);
        if (seen.length === count) { source.close(); resolve(seen); }
    };
    source.addEventListener("next", note);
    source.addEventListener("complete", note);
    source.onerror = () => resolve(["failed", source.readyState === EventSource.CLOSED]);
})"""

SINGLE_CONNECTION = """async (path) => {
    const token = await (await fetch(path, {method: "PUT"})).text();
    const source = new EventSource(`${path}?token=${token}`);
    const seen = [];
    const whole = new Promise((resolve) => {
        const note = ({type, data}) => {
            seen.push([type, JSON.parse(data)]);
            if (seen.length === 6) { source.close(); resolve(seen); }
        };
        source.addEventListener("next", note);
        source.addEventListener("complete", note);
    });
    const queries = {1: "{ hello }", 2: "subscription { count(to: 3) }"};
    for (const [operationId, query] of Object.entries(queries)) {
        const answer = await fetch(path, {
            method: "POST",
            headers: {"content-type": "application/json", "x-graphql-event-stream-token": token},
            body: JSON.stringify({query, extensions: {operationId}}),
        });
        if (answer.status !== 202) return answer.status;
    }
    return await whole;
}"""


@pytest.fixture(scope="module")
def server() -> Generator[Server]:
    with processes.gateway({}) as started:
        yield started


@pytest.fixture
async def page() -> AsyncGenerator[Page]:
    with require_binary("chromium"):
        chromium: Path = find_binary("chromium", package="chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        try:
            yield await browser.new_page()
        finally:
            await browser.close()


async def watched(page: Page, url: str, query: str, count: int) -> Any:
    url = f"{url}?query={quote(query)}"
    return await page.evaluate(WATCH, {"url": url, "count": count})


async def test_a_page_of_the_gateways_origin_subscribes(page: Page, server: Server) -> None:
    await page.goto(server.url.replace("/graphql", "/health/live"))

    assert await watched(page, server.url, "subscription { count(to: 2) }", 3) == [
        ["next", {"data": {"count": 0}}],
        ["next", {"data": {"count": 1}}],
        ["complete", ""],
    ]


async def test_a_page_of_the_gateways_origin_uses_one_connection(
    page: Page, server: Server
) -> None:
    await page.goto(server.url.replace("/graphql", "/health/live"))

    seen = await page.evaluate(SINGLE_CONNECTION, "/graphql")
    assert [item for item in seen if item[1]["id"] == "1"] == [
        ["next", {"id": "1", "payload": {"data": {"hello": "world"}}}],
        ["complete", {"id": "1"}],
    ]
    assert [item for item in seen if item[1]["id"] == "2"] == [
        *(["next", {"id": "2", "payload": {"data": {"count": n}}}] for n in range(3)),
        ["complete", {"id": "2"}],
    ]


async def test_a_page_of_another_origin_is_refused(page: Page, server: Server) -> None:
    """By us: the browser would keep the answer from the page, but only once it is there."""
    with processes.gateway({}) as foreign:
        await page.goto(foreign.url.replace("/graphql", "/health/live"))
        statuses: list[int] = []
        network = await page.context.new_cdp_session(page)
        await network.send("Network.enable")
        network.on(
            "Network.responseReceivedExtraInfo", lambda info: statuses.append(info["statusCode"])
        )
        outcome = await watched(page, server.url, "subscription { forever }", 1)

    assert outcome == ["failed", True]
    assert set(statuses) - {404} == {400}  # the page's icon, which there is none of, is 404
