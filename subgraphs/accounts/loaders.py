"""The loaders of one request to the accounts service."""

from collections.abc import Mapping, Sequence

from subgraphs.accounts import repository
from subgraphs.accounts.models import AccountRow
from subgraphs.accounts.repository import TenantKey
from subgraphs.shared.context import ServiceResources
from subgraphs.shared.loaders import BatchLoader

__all__ = ["AccountsLoaders"]


class AccountsLoaders:
    """Accounts by the viewer's organisation and their id: one statement per batch."""

    def __init__(self, resources: ServiceResources, remembers: bool) -> None:
        async def load(keys: Sequence[TenantKey]) -> Mapping[TenantKey, AccountRow]:
            async with resources.database.reading() as session:
                return await repository.accounts_by_id(session, keys)

        # Both account types load through one loader, so a mixed batch is still one statement.
        self.accounts = BatchLoader(load, remembers=remembers)
