"""Every SQL statement of the accounts service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import AccountRow
from subgraphs.accounts.names import AccountStatus, Channel
from subgraphs.shared.pagination import Keyset, Page, fetch_page

__all__ = [
    "AccountFilter",
    "TenantKey",
    "account_for_update",
    "accounts_by_id",
    "accounts_changed_since",
    "accounts_page",
]

#: The viewer's organisation, and the id of an account in it.
TenantKey = tuple[str, str]

ACCOUNTS = Keyset("accounts", (AccountRow.display_name, AccountRow.id))
#: Accounts read again after a gap in the events; an organisation has tens.
CHANGED_ACCOUNTS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which of an organisation's accounts are listed; None means all."""

    channel: Channel | None = None
    statuses: Sequence[AccountStatus] | None = None


async def accounts_by_id(
    session: AsyncSession, keys: Sequence[TenantKey]
) -> Mapping[TenantKey, AccountRow]:
    """The accounts that exist in the organisation named beside their id."""
    owned = tuple_(AccountRow.organization_id, AccountRow.id).in_(keys)
    rows = await session.scalars(select(AccountRow).where(owned))
    return {(row.organization_id, row.id): row for row in rows}


async def account_for_update(
    session: AsyncSession, organization_id: str, account_id: str
) -> AccountRow | None:
    """The account, locked until the transaction ends."""
    statement = (
        select(AccountRow)
        .where(AccountRow.organization_id == organization_id, AccountRow.id == account_id)
        .with_for_update()
    )
    return (await session.scalars(statement)).one_or_none()


async def accounts_page(
    session: AsyncSession,
    organization_id: str,
    wanted: AccountFilter,
    first: int | None,
    after: str | None,
) -> Page[AccountRow]:
    """A page of an organisation's accounts by name."""
    statement = select(AccountRow).where(AccountRow.organization_id == organization_id)
    if wanted.channel is not None:
        statement = statement.where(AccountRow.channel == wanted.channel)
    if wanted.statuses is not None:
        statement = statement.where(AccountRow.status.in_(wanted.statuses))
    return await fetch_page(session, statement, ACCOUNTS, first, after)


async def accounts_changed_since(
    session: AsyncSession, organization_id: str, moment: datetime
) -> Sequence[AccountRow]:
    """The accounts whose status changed at the moment or later, the earliest change first."""
    statement = (
        select(AccountRow)
        .where(
            AccountRow.organization_id == organization_id, AccountRow.status_changed_at >= moment
        )
        .order_by(AccountRow.status_changed_at, AccountRow.id)
        .limit(CHANGED_ACCOUNTS_MAX)
    )
    return (await session.scalars(statement)).all()
