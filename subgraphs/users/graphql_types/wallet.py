"""An organisation's wallet and its entries."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.pagination import PAGE_SIZE_DEFAULT, Connection, connection_from_page
from subgraphs.users import repository
from subgraphs.users.models import WalletEntryRow, WalletRow
from subgraphs.users.names import WalletEntryKind

__all__ = ["Wallet", "WalletEntry"]


@strawberry.type(description="One change of a wallet's balance.")
class WalletEntry:
    """A line of the ledger."""

    id: strawberry.ID
    kind: WalletEntryKind
    amount_credits: int
    balance_after_credits: int
    note: str
    created_at: datetime

    @classmethod
    def from_row(cls, row: WalletEntryRow) -> Self:
        """The entry of a table row."""
        return cls(
            id=strawberry.ID(row.id),
            kind=row.kind,
            amount_credits=row.amount_credits,
            balance_after_credits=row.balance_after_credits,
            note=row.note,
            created_at=row.created_at,
        )


@strawberry.type(description="An organisation's credits; one credit sends one message.")
class Wallet:
    """The wallet of the viewer's organisation."""

    organization_id: strawberry.Private[str]
    balance_credits: int
    reserved_credits: int

    @strawberry.field(description="The changes of the balance, the latest first.")
    async def entries(
        self, info: ServiceInfo, first: int | None = PAGE_SIZE_DEFAULT, after: str | None = None
    ) -> Connection[WalletEntry]:
        """A page of the ledger."""
        async with info.context.database.reading() as session:
            page = await repository.wallet_entries_page(session, self.organization_id, first, after)
        return connection_from_page(page, WalletEntry.from_row)

    @classmethod
    def from_row(cls, row: WalletRow) -> Self:
        """The wallet of a table row."""
        return cls(
            organization_id=row.organization_id,
            balance_credits=row.balance_credits,
            reserved_credits=row.reserved_credits,
        )
