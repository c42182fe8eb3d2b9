"""The tables of the tasks service.

Moments that only workers compare (leases, pacing) are seconds since 1970 as floats; everything a
client may see is a UTC moment.
"""

from datetime import datetime

from sqlalchemy import (
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.columns import UtcDateTime, enum_column, new_metadata
from subgraphs.shared.idempotency import IdempotencyRecord
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.states import Channel, Consent, DeliveryState, TaskState

__all__ = [
    "AccountPacing",
    "Base",
    "Campaign",
    "CampaignAccount",
    "ConsentEvent",
    "Contact",
    "ContactList",
    "Delivery",
    "Idempotency",
    "ListMember",
    "Template",
]

Id = String(64)
NAME_CHARACTERS = 200


class Base(DeclarativeBase):
    """The tables' common base."""

    metadata = new_metadata()


class Idempotency(IdempotencyRecord, Base):
    """Mutations already done."""


class Contact(Base):
    """A person of an organisation's audience, with the consent that is valid now."""

    __tablename__ = "contacts"
    #: Webhooks name people by their address at the platform.
    __table_args__ = (
        Index("ix_contacts_telegram", "organization_id", "telegram_chat_id"),
        Index("ix_contacts_phone", "organization_id", "phone_number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organization_id: Mapped[str] = mapped_column(Id, index=True)
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    telegram_chat_id: Mapped[str | None] = mapped_column(String(32))
    phone_number: Mapped[str | None] = mapped_column(String(32))
    consent: Mapped[Consent] = mapped_column(enum_column(Consent))
    consent_source: Mapped[str | None] = mapped_column(String(100))
    consent_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    #: Per-recipient spacing: nothing is sent to the contact before this moment.
    next_send_at: Mapped[float] = mapped_column(Double, default=0.0)
    #: The WhatsApp account that the person wrote to last, and until when it may answer freely.
    window_account_id: Mapped[str | None] = mapped_column(Id)
    window_until: Mapped[float | None] = mapped_column(Double)


class ConsentEvent(Base):
    """One change of a contact's consent; rows are only ever added."""

    __tablename__ = "consent_events"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id"), index=True)
    consent: Mapped[Consent] = mapped_column(enum_column(Consent))
    source: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime())


class ContactList(Base):
    """A named audience."""

    __tablename__ = "contact_lists"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organization_id: Mapped[str] = mapped_column(Id, index=True)
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())


class ListMember(Base):
    """A contact's place in a list."""

    __tablename__ = "contact_list_members"

    list_id: Mapped[str] = mapped_column(ForeignKey("contact_lists.id"), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id"), primary_key=True)


class Template(Base):
    """A message with `{{placeholders}}`."""

    __tablename__ = "templates"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organization_id: Mapped[str] = mapped_column(Id, index=True)
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    body: Mapped[str] = mapped_column(Text)
    #: The text's name and language at WhatsApp, where it has been approved; null where it has not.
    whatsapp_name: Mapped[str | None] = mapped_column(String(512))
    whatsapp_language: Mapped[str | None] = mapped_column(String(15))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())


class Campaign(Base):
    """A campaign and its numbers; see `subgraphs.tasks.progress` for what they mean."""

    __tablename__ = "campaigns"
    __table_args__ = (
        Index("ix_campaigns_page", "organization_id", "created_at", "id"),
        Index("ix_campaigns_owner", "owner_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organization_id: Mapped[str] = mapped_column(Id)
    owner_id: Mapped[str] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    template_id: Mapped[str] = mapped_column(ForeignKey("templates.id"))
    list_id: Mapped[str] = mapped_column(ForeignKey("contact_lists.id"))
    state: Mapped[TaskState] = mapped_column(enum_column(TaskState), index=True)
    rejection: Mapped[str | None] = mapped_column(String(NAME_CHARACTERS))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    scheduled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    #: The last contact already frozen into a delivery; freezing goes on after it.
    freeze_cursor: Mapped[str] = mapped_column(Id, default="")
    is_frozen: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    queued: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    suppressed: Mapped[int] = mapped_column(default=0)
    unconfirmed: Mapped[int] = mapped_column(default=0)

    def snapshot(self) -> TaskSnapshot:
        """State and numbers as one value."""
        return TaskSnapshot(
            **{name: getattr(self, name) for name in TaskSnapshot.__struct_fields__}
        )


class CampaignAccount(Base):
    """An account that sends for a campaign; `position` keeps the order of the input.

    One that turned out to be unusable has a `stopped_reason` and sends no more for the campaign.
    """

    __tablename__ = "campaign_accounts"

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, primary_key=True, index=True)
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    position: Mapped[int] = mapped_column(Integer)
    stopped_reason: Mapped[str | None] = mapped_column(String(60))


class AccountPacing(Base):
    """When an account may send next; whoever claims for the account moves it forward.

    The row's lock makes one pace of all workers' sending.
    """

    __tablename__ = "account_pacing"

    account_id: Mapped[str] = mapped_column(Id, primary_key=True)
    next_send_at: Mapped[float] = mapped_column(Double, default=0.0)


class Delivery(Base):
    """One message of a campaign to one contact."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("campaign_id", "contact_id"),
        UniqueConstraint("campaign_id", "ordinal"),
        Index("ix_deliveries_claim", "campaign_id", "account_id", "state", "ordinal"),
        Index("ix_deliveries_lease", "state", "lease_until"),
        ForeignKeyConstraint(["campaign_id"], ["campaigns.id"]),
        ForeignKeyConstraint(["contact_id"], ["contacts.id"]),
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(Id)
    contact_id: Mapped[str] = mapped_column(Id)
    ordinal: Mapped[int] = mapped_column(Integer)
    #: Null when the contact cannot be reached by any account of the campaign.
    account_id: Mapped[str | None] = mapped_column(Id)
    state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState))
    reason: Mapped[str | None] = mapped_column(String(60))
    attempt_id: Mapped[str | None] = mapped_column(Id)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[float | None] = mapped_column(Double)
    provider_message_id: Mapped[str | None] = mapped_column(String(100))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())
