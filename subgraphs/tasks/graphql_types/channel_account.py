"""What tasks adds to the sending accounts: the tasks they work for."""

from typing import Self

import strawberry

from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.ids import key_text
from subgraphs.tasks.graphql_types.task import Task
from subgraphs.tasks.models import CampaignAccount
from subgraphs.tasks.states import Channel

__all__ = ["ChannelAccount", "TelegramAccount", "WhatsAppAccount", "account_from_row"]


@strawberry.interface(description="An account that messages are sent from.")
class ChannelAccount:
    """A sending account, as far as tasks knows it."""

    id: strawberry.ID

    @strawberry.field(description="The unfinished tasks the account sends for.")
    async def active_tasks(self, info: ServiceInfo) -> list[Task]:
        """Only tasks of the viewer's organisation exist for them."""
        from subgraphs.tasks.graphql_types.campaign import Campaign  # noqa: PLC0415 - a cycle

        key = (info.context.viewer().organization_id, self.id)
        rows = await info.context.loaders.active_by_account.load(key)
        return [Campaign.from_row(row) for row in rows or ()]


@strawberry.federation.type(keys=["id"])
class TelegramAccount(ChannelAccount):
    """A Telegram bot."""

    @classmethod
    def resolve_reference(cls, info: ServiceInfo, **representation: object) -> Self:
        """The account with the id; whose it is, is known to the accounts service."""
        return cls(id=_checked_id(info, representation))


@strawberry.federation.type(keys=["id"])
class WhatsAppAccount(ChannelAccount):
    """A WhatsApp Business number."""

    @classmethod
    def resolve_reference(cls, info: ServiceInfo, **representation: object) -> Self:
        """The account with the id; whose it is, is known to the accounts service."""
        return cls(id=_checked_id(info, representation))


def account_from_row(row: CampaignAccount) -> TelegramAccount | WhatsAppAccount:
    """The account of a table row."""
    account = TelegramAccount if row.channel is Channel.TELEGRAM else WhatsAppAccount
    return account(id=strawberry.ID(row.account_id))


def _checked_id(info: ServiceInfo, representation: dict[str, object]) -> strawberry.ID:
    info.context.viewer()
    return strawberry.ID(key_text(representation.get("id"), "id"))
