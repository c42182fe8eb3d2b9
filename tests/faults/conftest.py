"""The fault tests run for both places a stock is asked at, and for both media types."""

from collections.abc import AsyncGenerator

import pytest

from tests.faults.misbehaving_subgraph import Setup, setup


@pytest.fixture(params=["root", "entity"])
def place(request: pytest.FixtureRequest) -> str:
    """What the stock is asked for: root fields, or fields of entities."""
    return str(request.param)


@pytest.fixture(params=["application/json", "application/graphql-response+json"])
async def gateway(request: pytest.FixtureRequest) -> AsyncGenerator[Setup]:
    """A gateway over a stock that can misbehave."""
    async with setup(request.param) as made:
        yield made
