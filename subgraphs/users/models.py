"""The tables of the users service."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.columns import UtcDateTime, enum_column, new_metadata
from subgraphs.shared.idempotency import IdempotencyRecord
from subgraphs.shared.ids import ID_CHARACTERS_MAX
from subgraphs.users.names import Plan, WalletEntryKind

__all__ = ["Base", "IdempotencyRow", "OrganizationRow", "UserRow", "WalletEntryRow", "WalletRow"]

Id = String(ID_CHARACTERS_MAX)


class Base(DeclarativeBase):
    """Base of the service's tables."""

    metadata = new_metadata()


class OrganizationRow(Base):
    """A tenant."""

    __tablename__ = "organizations"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    plan: Mapped[Plan] = mapped_column(enum_column(Plan))


class UserRow(Base):
    """A member of one organisation. The e-mail address is stored in lower case."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id"), index=True)
    email: Mapped[str] = mapped_column(String(320))
    display_name: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]] = mapped_column(JSON)
    password_hash: Mapped[str] = mapped_column(String(256))


class WalletRow(Base):
    """An organisation's credits; always the sum of its entries."""

    __tablename__ = "wallets"
    __table_args__ = (
        CheckConstraint("balance_credits >= 0", name="balance"),
        CheckConstraint("reserved_credits >= 0", name="reserved"),
    )

    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    balance_credits: Mapped[int] = mapped_column(BigInteger)
    reserved_credits: Mapped[int] = mapped_column(BigInteger)
    entries_count: Mapped[int]


class WalletEntryRow(Base):
    """One change of a balance; never altered. `sequence` counts an organisation's from 1."""

    __tablename__ = "wallet_entries"
    __table_args__ = (UniqueConstraint("organization_id", "sequence"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("wallets.organization_id"))
    sequence: Mapped[int]
    kind: Mapped[WalletEntryKind] = mapped_column(enum_column(WalletEntryKind))
    amount_credits: Mapped[int] = mapped_column(BigInteger)
    balance_after_credits: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())


class IdempotencyRow(IdempotencyRecord, Base):
    """Mutations done, by idempotency key."""
