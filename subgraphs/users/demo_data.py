"""The demo's organisations, people and wallets: the same ids on every run."""

import functools
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.users.models import OrganizationRow, UserRow, WalletEntryRow, WalletRow
from subgraphs.users.names import Plan, Role, WalletEntryKind
from subgraphs.users.passwords import hash_password

__all__ = ["DEMO_PASSWORD", "load_demo_data"]

DEMO_PASSWORD = "demo"  # noqa: S105 - the demo's password is public on purpose
_FIRST_ENTRY_AT = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)

_ORGANIZATIONS = (
    ("org_acme", "Acme Retail", Plan.BUSINESS),
    ("org_globex", "Globex Travel", Plan.FREE),
)
_USERS = (
    ("usr_ada", "org_acme", "ada@acme.example", "Ada Byron", (Role.OWNER, Role.OPERATOR)),
    ("usr_grace", "org_acme", "grace@acme.example", "Grace Murray", (Role.OPERATOR,)),
    ("usr_linus", "org_acme", "linus@acme.example", "Linus Berg", (Role.ANALYST,)),
    ("usr_hank", "org_globex", "hank@globex.example", "Hank Scorpio", (Role.OWNER,)),
)
_LEDGERS = {
    "org_acme": (
        (WalletEntryKind.TOP_UP, 50_000, "Opening balance"),
        (WalletEntryKind.CAMPAIGN, -4_812, "Summer sale"),
        (WalletEntryKind.CAMPAIGN, -3_950, "Loyalty programme"),
        (WalletEntryKind.ADJUSTMENT, 120, "Refund for undelivered messages"),
        (WalletEntryKind.TOP_UP, 25_000, "Top-up for the autumn"),
        (WalletEntryKind.CAMPAIGN, -2_204, "Back to school"),
    ),
    "org_globex": ((WalletEntryKind.TOP_UP, 1_000, "Opening balance"),),
}


@functools.cache
def _demo_password_hash() -> str:
    # One hash takes a noticeable part of a second, and nothing is won by a salt per demo user.
    return hash_password(DEMO_PASSWORD)


async def load_demo_data(session: AsyncSession) -> None:
    """Add the demo's rows; does nothing when they are there."""
    statement = select(OrganizationRow.id).where(OrganizationRow.id == _ORGANIZATIONS[0][0])
    if (await session.scalars(statement)).first() is not None:
        return
    password_hash = _demo_password_hash()
    session.add_all(OrganizationRow(id=i, name=name, plan=plan) for i, name, plan in _ORGANIZATIONS)
    await session.flush()
    session.add_all(
        UserRow(
            id=user_id,
            organization_id=organization_id,
            email=email,
            display_name=name,
            roles=[role.value for role in roles],
            password_hash=password_hash,
        )
        for user_id, organization_id, email, name, roles in _USERS
    )
    for organization_id, ledger in _LEDGERS.items():
        await _add_wallet(session, organization_id, ledger)


async def _add_wallet(
    session: AsyncSession,
    organization_id: str,
    ledger: tuple[tuple[WalletEntryKind, int, str], ...],
) -> None:
    wallet = WalletRow(
        organization_id=organization_id,
        balance_credits=sum(amount for _, amount, _ in ledger),
        reserved_credits=0,
        entries_count=len(ledger),
    )
    session.add(wallet)
    await session.flush()
    balance = 0
    for sequence, (kind, amount, note) in enumerate(ledger, start=1):
        balance += amount
        session.add(
            WalletEntryRow(
                id=f"wle_{organization_id}_{sequence}",
                organization_id=organization_id,
                sequence=sequence,
                kind=kind,
                amount_credits=amount,
                balance_after_credits=balance,
                note=note,
                created_at=_FIRST_ENTRY_AT + timedelta(days=14 * (sequence - 1)),
            )
        )
