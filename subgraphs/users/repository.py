"""Every SQL statement of the users service."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.columns import utc_now
from subgraphs.shared.ids import new_id
from subgraphs.shared.pagination import Keyset, Page, fetch_page
from subgraphs.users.models import OrganizationRow, UserRow, WalletEntryRow, WalletRow
from subgraphs.users.names import WalletEntryKind

__all__ = [
    "TenantKey",
    "add_wallet_entry",
    "members_page",
    "organizations_by_id",
    "user_with_email",
    "users_by_email",
    "users_by_id",
    "wallet_entries_page",
    "wallet_entry",
    "wallets_by_organization",
]

#: The viewer's organisation, and the id or other key of a row in it.
TenantKey = tuple[str, str]

MEMBERS = Keyset("members", (UserRow.display_name, UserRow.id))
WALLET_ENTRIES = Keyset("walletEntries", (WalletEntryRow.sequence,), descending=True)


async def organizations_by_id(
    session: AsyncSession, ids: Sequence[str]
) -> Mapping[str, OrganizationRow]:
    """The organisations that exist."""
    rows = await session.scalars(select(OrganizationRow).where(OrganizationRow.id.in_(ids)))
    return {row.id: row for row in rows}


async def users_by_id(
    session: AsyncSession, keys: Sequence[TenantKey]
) -> Mapping[TenantKey, UserRow]:
    """The users that exist in the organisation named beside their id."""
    owned = tuple_(UserRow.organization_id, UserRow.id).in_(keys)
    rows = await session.scalars(select(UserRow).where(owned))
    return {(row.organization_id, row.id): row for row in rows}


async def users_by_email(
    session: AsyncSession, keys: Sequence[TenantKey]
) -> Mapping[TenantKey, UserRow]:
    """The users that exist in the organisation named beside their e-mail address."""
    owned = tuple_(UserRow.organization_id, UserRow.email).in_(keys)
    rows = await session.scalars(select(UserRow).where(owned))
    return {(row.organization_id, row.email): row for row in rows}


async def user_with_email(session: AsyncSession, email: str) -> UserRow | None:
    """Whoever logs in with the address, of any organisation."""
    return (await session.scalars(select(UserRow).where(UserRow.email == email))).one_or_none()


async def members_page(
    session: AsyncSession, organization_id: str, first: int | None, after: str | None
) -> Page[UserRow]:
    """A page of an organisation's members by name."""
    statement = select(UserRow).where(UserRow.organization_id == organization_id)
    return await fetch_page(session, statement, MEMBERS, first, after)


async def wallets_by_organization(
    session: AsyncSession, organization_ids: Sequence[str]
) -> Mapping[str, WalletRow]:
    """The wallets of organisations."""
    statement = select(WalletRow).where(WalletRow.organization_id.in_(organization_ids))
    return {row.organization_id: row for row in await session.scalars(statement)}


async def wallet_entries_page(
    session: AsyncSession, organization_id: str, first: int | None, after: str | None
) -> Page[WalletEntryRow]:
    """A page of an organisation's wallet entries, the latest first."""
    statement = select(WalletEntryRow).where(WalletEntryRow.organization_id == organization_id)
    return await fetch_page(session, statement, WALLET_ENTRIES, first, after)


async def wallet_entry(session: AsyncSession, entry_id: str) -> WalletEntryRow:
    """An entry that is known to exist."""
    return await session.get_one(WalletEntryRow, entry_id)


async def add_wallet_entry(
    session: AsyncSession,
    organization_id: str,
    kind: WalletEntryKind,
    amount_credits: int,
    note: str,
) -> WalletEntryRow:
    """Change a balance and record why.

    The update locks the wallet until the transaction ends, so that entries of requests that come
    at once get consecutive numbers and balances that follow from each other.
    """
    statement = (
        update(WalletRow)
        .where(WalletRow.organization_id == organization_id)
        .values(
            balance_credits=WalletRow.balance_credits + amount_credits,
            entries_count=WalletRow.entries_count + 1,
        )
        .returning(WalletRow.balance_credits, WalletRow.entries_count)
        .execution_options(synchronize_session=False)
    )
    balance, sequence = (await session.execute(statement)).one()
    entry = WalletEntryRow(
        id=new_id("wle"),
        organization_id=organization_id,
        sequence=sequence,
        kind=kind,
        amount_credits=amount_credits,
        balance_after_credits=balance,
        note=note,
        created_at=utc_now(),
    )
    session.add(entry)
    await session.flush()
    return entry
