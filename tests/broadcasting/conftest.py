"""Broadcasts in memory and through a real Redis."""

from collections.abc import AsyncGenerator

import pytest

from broadcasting import Broadcast, open_broadcast


@pytest.fixture(params=["memory", "redis"])
def broadcast_url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "memory":
        return None
    return str(request.getfixturevalue("redis_server").url)


@pytest.fixture
async def broadcast(broadcast_url: str | None) -> AsyncGenerator[Broadcast]:
    async with open_broadcast(broadcast_url) as opened:
        yield opened
