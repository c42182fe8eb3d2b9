"""The accounts service's mutations."""

import strawberry

from subgraphs.accounts.resolvers.change_status import pause_account, resume_account
from subgraphs.accounts.resolvers.link_account import link_telegram_account, link_whatsapp_account
from subgraphs.accounts.resolvers.payload import AccountPayload

__all__ = ["Mutation"]


@strawberry.type
class Mutation:
    """What can be changed about sending accounts."""

    pause_account: AccountPayload = strawberry.field(
        resolver=pause_account, description="Stop sending from an account until it is resumed."
    )
    resume_account: AccountPayload = strawberry.field(
        resolver=resume_account, description="Send from a paused account again."
    )
    link_telegram_account: AccountPayload = strawberry.field(
        resolver=link_telegram_account, description="Link a Telegram bot."
    )
    link_whats_app_account: AccountPayload = strawberry.field(
        resolver=link_whatsapp_account, description="Link a WhatsApp Business number."
    )
