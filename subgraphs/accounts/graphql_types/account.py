"""ChannelAccount and its two kinds, and the accounts of an Organization."""

from typing import Any, Self, assert_never

import strawberry

from subgraphs.accounts import repository
from subgraphs.accounts.capacity import daily_capacity
from subgraphs.accounts.entities import load_account
from subgraphs.accounts.models import AccountRow
from subgraphs.accounts.names import (
    AccountHealth,
    AccountStatus,
    Channel,
    MessagingTier,
    QualityRating,
)
from subgraphs.shared.columns import utc_now
from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.ids import key_text
from subgraphs.shared.pagination import PAGE_SIZE_DEFAULT, Connection, connection_from_page

__all__ = [
    "ChannelAccount",
    "Organization",
    "TelegramAccount",
    "WhatsAppAccount",
    "account_from_row",
]


@strawberry.interface(description="An account that messages are sent from.")
class ChannelAccount:
    """What accounts of every channel have."""

    organization_id: strawberry.Private[str]
    id: strawberry.ID
    display_name: str
    status: AccountStatus
    health: AccountHealth
    daily_capacity: int = strawberry.field(
        description="Messages in 24 hours, from the platform's limits for this account."
    )
    used_today: int = strawberry.field(description="Messages sent since midnight, UTC.")
    reserved_capacity: int = strawberry.field(
        description="Messages that running campaigns have reserved."
    )

    @strawberry.field(description="The organisation the account belongs to.")
    def organization(self) -> "Organization":
        """The owner, to be completed by the service that owns it."""
        return Organization(id=strawberry.ID(self.organization_id))

    @classmethod
    async def resolve_reference(cls, info: ServiceInfo, **representation: object) -> Self | None:
        """The account with the id, if it is of this kind and of the viewer's organisation."""
        row = await load_account(info, key_text(representation.get("id"), "id"))
        account = None if row is None else account_from_row(row)
        return account if isinstance(account, cls) else None


@strawberry.federation.type(keys=["id"], description="A Telegram bot.")
class TelegramAccount(ChannelAccount):
    """A bot of the Telegram Bot API."""

    bot_username: str = strawberry.field(description="Without the leading @.")


@strawberry.federation.type(keys=["id"], description="A WhatsApp Business number.")
class WhatsAppAccount(ChannelAccount):
    """A number of the WhatsApp Business Cloud API."""

    phone_number: str = strawberry.field(description="In E.164, with the leading +.")
    messaging_tier: MessagingTier
    quality_rating: QualityRating


@strawberry.federation.type(keys=["id"], description="A tenant, with its sending accounts.")
class Organization:
    """The organisation as this service knows it."""

    id: strawberry.ID

    @strawberry.field(description="The organisation's sending accounts, by name.")
    async def accounts(
        self,
        info: ServiceInfo,
        channel: Channel | None = None,
        status: list[AccountStatus] | None = None,
        first: int | None = PAGE_SIZE_DEFAULT,
        after: str | None = None,
    ) -> Connection[ChannelAccount]:
        """A page of accounts."""
        wanted = repository.AccountFilter(channel=channel, statuses=status)
        async with info.context.database.reading() as session:
            page = await repository.accounts_page(session, self.id, wanted, first, after)
        return connection_from_page(page, account_from_row)

    @classmethod
    async def resolve_reference(cls, info: ServiceInfo, **representation: object) -> Self | None:
        """The organisation, if it is the viewer's; this service has no table of them."""
        organization_id = key_text(representation.get("id"), "id")
        if organization_id != info.context.viewer().organization_id:
            return None
        return cls(id=strawberry.ID(organization_id))


def account_from_row(row: AccountRow) -> ChannelAccount:
    """The account of a table row, as its kind."""
    common: dict[str, Any] = {
        "organization_id": row.organization_id,
        "id": strawberry.ID(row.id),
        "display_name": row.display_name,
        "status": row.status,
        "health": row.health,
        "daily_capacity": daily_capacity(row.channel, row.messaging_tier),
        "used_today": row.used_count if row.used_on == utc_now().date() else 0,
        "reserved_capacity": row.reserved_capacity,
    }
    match row.channel:
        case Channel.TELEGRAM:
            return TelegramAccount(**common, bot_username=row.address)
        case Channel.WHATSAPP:
            return WhatsAppAccount(
                **common,
                phone_number=row.address,
                messaging_tier=row.messaging_tier or MessagingTier.TIER_250,
                quality_rating=row.quality_rating or QualityRating.UNKNOWN,
            )
        case _:
            assert_never(row.channel)
