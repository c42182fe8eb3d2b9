"""A shop on each of the databases."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.subgraphs.shared.saga.order import Shop, open_shop


@pytest.fixture(params=["sqlite", "postgres"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Shop]:
    is_sqlite = request.param == "sqlite"
    url = "" if is_sqlite else request.getfixturevalue("postgres_url")
    opened = await open_shop(url, tmp_path)
    yield opened
    await opened.own.close()
    await opened.other.close()
