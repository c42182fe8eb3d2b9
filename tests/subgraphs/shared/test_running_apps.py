"""Which service apps run in this process."""

import asyncio

from starlette.applications import Starlette

from subgraphs.shared.running_apps import running_app, runs_as


async def test_an_app_is_found_while_it_runs() -> None:
    app, successor = Starlette(), Starlette()

    assert running_app("accounts") is None
    with runs_as("accounts", app):
        assert running_app("users") is None
        with runs_as("accounts", successor):
            assert running_app("accounts") is successor
        assert running_app("accounts") is app
    assert running_app("accounts") is None


async def test_an_app_of_another_event_loop_is_not_found() -> None:
    async def look() -> object:
        return running_app("accounts")

    with runs_as("accounts", Starlette()):
        assert await asyncio.to_thread(asyncio.run, look()) is None
