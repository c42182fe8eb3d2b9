"""The tables of the accounts service."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.accounts.names import (
    AccountHealth,
    AccountStatus,
    Channel,
    MessagingTier,
    QualityRating,
)
from subgraphs.shared.columns import UtcDateTime, enum_column, new_metadata
from subgraphs.shared.idempotency import IdempotencyRecord
from subgraphs.shared.ids import ID_CHARACTERS_MAX

__all__ = ["AccountRow", "Base", "IdempotencyRow"]

Id = String(ID_CHARACTERS_MAX)


class Base(DeclarativeBase):
    """Base of the service's tables."""

    metadata = new_metadata()


class AccountRow(Base):
    """A sending account of either channel.

    `address` is the bot's username or the phone number. `used_on` is the UTC day that `used_count`
    counts; on another day nothing has been used yet.
    """

    __tablename__ = "channel_accounts"
    __table_args__ = (
        UniqueConstraint("organization_id", "channel", "address"),
        CheckConstraint("used_count >= 0", name="used"),
        CheckConstraint("reserved_capacity >= 0", name="reserved"),
        Index(None, "organization_id", "display_name", "id"),
        Index(None, "organization_id", "status_changed_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organization_id: Mapped[str] = mapped_column(Id)
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    display_name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(64))
    status: Mapped[AccountStatus] = mapped_column(enum_column(AccountStatus))
    status_changed_at: Mapped[datetime] = mapped_column(UtcDateTime())
    health: Mapped[AccountHealth] = mapped_column(enum_column(AccountHealth))
    messaging_tier: Mapped[MessagingTier | None] = mapped_column(enum_column(MessagingTier))
    quality_rating: Mapped[QualityRating | None] = mapped_column(enum_column(QualityRating))
    used_count: Mapped[int]
    used_on: Mapped[date] = mapped_column(Date)
    reserved_capacity: Mapped[int]
    credentials: Mapped[bytes | None] = mapped_column(LargeBinary)


class IdempotencyRow(IdempotencyRecord, Base):
    """Mutations done, by idempotency key."""
