"""The users service, on SQLite and on a real PostgreSQL."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from subgraphs.users.service import SERVICE
from tests.subgraphs.running_service import RunningService, environment_for, running_service


@pytest.fixture(params=["sqlite", "postgres"])
async def users(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[RunningService]:
    """The running service with demo data, on each database."""
    environment = environment_for(request.param, request, tmp_path)
    async with running_service(SERVICE, environment) as running:
        yield running
