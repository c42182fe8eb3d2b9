"""The loaders of one request to the users service: one SQL statement per kind and batch."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.context import ServiceResources
from subgraphs.shared.loaders import BatchLoader
from subgraphs.users import repository

__all__ = ["UsersLoaders"]

Key = TypeVar("Key")
Row = TypeVar("Row")


class UsersLoaders:
    """Rows by key. A key of a tenant's row holds the viewer's organisation."""

    def __init__(self, resources: ServiceResources, remembers: bool) -> None:
        def batched(
            query: Callable[[AsyncSession, Sequence[Key]], Awaitable[Mapping[Key, Row]]],
        ) -> BatchLoader[Key, Row]:
            async def load(keys: Sequence[Key]) -> Mapping[Key, Row]:
                async with resources.database.reading() as session:
                    return await query(session, keys)

            return BatchLoader(load, remembers=remembers)

        self.organizations = batched(repository.organizations_by_id)
        self.users = batched(repository.users_by_id)
        self.users_by_email = batched(repository.users_by_email)
        self.wallets = batched(repository.wallets_by_organization)
