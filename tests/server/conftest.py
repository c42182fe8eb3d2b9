"""Fixtures of the gateway's tests."""

from collections.abc import AsyncGenerator

import httpx2
import pytest

from supergraph.server.gateway import Gateway
from tests.server.shop import client_of, development, gateway


@pytest.fixture
async def shop() -> AsyncGenerator[Gateway]:
    """A started gateway over the shop, with introspection and the page for browsers."""
    async with gateway(development()) as started:
        yield started


@pytest.fixture
async def client(shop: Gateway) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of the shop's ASGI app."""
    async with client_of(shop) as opened:
        yield opened
