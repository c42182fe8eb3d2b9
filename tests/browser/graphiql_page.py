"""GraphiQL in a real Chromium that can reach nothing but this machine."""

import contextlib
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Error, Locator, Page, Route, async_playwright, expect

__all__ = ["CHROMIUM_FLAGS", "GraphiqlPage", "open_graphiql"]

CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
READY_MS = 60_000
#: How long a press of the button may take to show, and how often it is tried.
PRESSED_MS = 8_000
PRESSES_MAX = 3


@dataclass
class GraphiqlPage:
    """The page with what a user does on it; addresses it tried outside 127.0.0.1 are recorded."""

    page: Page
    outside_requests: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)

    async def tab_titles(self) -> list[str]:
        """The open tabs, from left to right."""
        titles = await self.page.locator(".graphiql-tab-button").all_inner_texts()
        return [title.strip() for title in titles]

    async def choose_tab(self, title: str) -> None:
        """Switch to the tab of that title."""
        # By keyboard: tabs can be dragged and grow under the mouse, which may swallow a click.
        await self.page.locator(".graphiql-tab-button", has_text=title).first.press("Enter")
        await self.wait_for_operation(title)

    async def wait_for_operation(self, name: str) -> None:
        """Wait until GraphiQL has read the shown document and knows its operation by name.

        It does so some time after the editor shows the text, and stores the tab's state after.
        """
        await self.page.wait_for_function(
            """name => {
                const stored = localStorage.getItem('supergraph:graphiql:tabState');
                const state = JSON.parse(stored ?? '{"tabs": []}');
                return state.tabs[state.activeTabIndex]?.operationName === name;
            }""",
            arg=name,
            timeout=READY_MS,
        )

    async def execute(self) -> None:
        """Press the execute button, again where the page was not ready for it.

        It then shows how to stop, or there is a response.
        """
        button = self.page.locator(".graphiql-execute-button")
        for _ in range(PRESSES_MAX):
            await button.click()
            try:
                await self.page.wait_for_function(
                    """() => {
                        const button = document.querySelector('.graphiql-execute-button');
                        const shown = document.querySelector('.graphiql-response .view-lines');
                        return /stop/i.test(button?.getAttribute('aria-label') ?? '')
                            || /[^\\s\\xa0]/.test(shown?.textContent ?? '');
                    }""",
                    timeout=PRESSED_MS,
                )
            except Error:  # its time is over
                continue
            return

    async def response_with(self, pattern: str) -> str:
        """The visible response, once it matches the pattern."""
        response = self.page.locator(".graphiql-response .view-lines")
        shown = re.compile(pattern.replace(" ", r"\s"))  # the editor shows no-break spaces
        await expect(response).to_contain_text(shown, timeout=READY_MS)
        return (await response.inner_text()).replace("\xa0", " ")

    async def open_plan(self) -> Locator:
        """Show the panel with the query plan."""
        await self.page.get_by_role("button", name="Show Query plan").click()
        panel = self.page.locator(".plan-panel")
        await panel.wait_for(timeout=READY_MS)
        return panel

    async def screenshot(self, path: Path) -> bytes:
        """Save what the user sees, and answer it."""
        return await self.page.screenshot(path=path)


@contextlib.asynccontextmanager
async def open_graphiql(url: str, chromium: Path) -> AsyncGenerator[GraphiqlPage]:
    """Open the URL in a fresh browser and wait until the schema is loaded."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        shown = GraphiqlPage(await context.new_page())

        async def guard(route: Route) -> None:
            if urlsplit(route.request.url).hostname == "127.0.0.1":
                await route.continue_()
            else:
                shown.outside_requests.append(route.request.url)
                await route.abort()

        await context.route(re.compile("^https?://"), guard)
        shown.page.on(
            "console",
            lambda message: (
                shown.console_errors.append(message.text) if message.type == "error" else None
            ),
        )
        # The page asks for the schema once it stands; a click before the answer may be lost.
        async with shown.page.expect_response(
            lambda reply: reply.request.method == "POST", timeout=READY_MS
        ):
            await shown.page.goto(url)
        await shown.page.locator(".graphiql-execute-button").wait_for(timeout=READY_MS)
        try:
            yield shown
        finally:
            await context.close()
            await browser.close()
