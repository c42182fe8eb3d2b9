"""The loaders of one request to the tasks service: one SQL statement per kind and batch."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.context import ServiceResources
from subgraphs.shared.loaders import BatchLoader
from subgraphs.tasks import repository

__all__ = ["TasksLoaders"]

Key = TypeVar("Key")
Row = TypeVar("Row")


class TasksLoaders:
    """Rows by key. A key of a tenant's row holds the viewer's organisation."""

    def __init__(self, resources: ServiceResources, remembers: bool) -> None:
        def batched(
            query: Callable[[AsyncSession, Sequence[Key]], Awaitable[Mapping[Key, Row]]],
        ) -> BatchLoader[Key, Row]:
            async def load(keys: Sequence[Key]) -> Mapping[Key, Row]:
                async with resources.database.reading() as session:
                    return await query(session, keys)

            return BatchLoader(load, remembers=remembers)

        self.campaigns = batched(repository.campaigns_by_id)
        self.templates = batched(repository.templates_by_id)
        self.lists = batched(repository.lists_by_id)
        self.list_sizes = batched(repository.list_sizes)
        self.contacts = batched(repository.contacts_by_id)
        self.accounts_by_campaign = batched(repository.accounts_by_campaign)
        self.active_by_account = batched(repository.active_campaigns_by_account)
