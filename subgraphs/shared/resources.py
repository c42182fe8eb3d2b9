"""Opening and closing what a running service holds."""

import contextlib
from collections.abc import AsyncGenerator

from broadcasting import open_broadcast
from subgraphs.shared.auth import load_token_key
from subgraphs.shared.context import ServiceResources
from subgraphs.shared.database import Database, open_database
from subgraphs.shared.settings import ServiceSettings

__all__ = ["database_of", "open_resources"]


@contextlib.asynccontextmanager
async def database_of(settings: ServiceSettings) -> AsyncGenerator[Database]:
    """The service's database, closed at the end."""
    database = open_database(settings)
    try:
        yield database
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def open_resources(settings: ServiceSettings) -> AsyncGenerator[ServiceResources]:
    """Everything a service holds open while it runs."""
    token_key = load_token_key(settings)
    async with database_of(settings) as database, open_broadcast(settings.redis_url) as broadcast:
        yield ServiceResources(
            settings=settings, database=database, token_key=token_key, broadcast=broadcast
        )
