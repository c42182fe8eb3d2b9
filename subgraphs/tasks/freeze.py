"""Freezing an audience: one delivery row per contact of the list, in chunks.

Each chunk is one transaction that also moves the campaign's cursor, so an audience of any size
needs little memory, and a launch that was interrupted goes on where it stopped.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.columns import utc_now
from subgraphs.tasks.counting import finish_campaigns, load_snapshots
from subgraphs.tasks.ids import delivery_id
from subgraphs.tasks.models import (
    AccountPacing,
    Campaign,
    CampaignAccount,
    Contact,
    Delivery,
    ListMember,
)
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.states import Action, Channel, Consent, DeliveryState, TaskState, next_state

__all__ = ["FREEZE_CHUNK", "address_of", "freeze_chunk", "freeze_next_chunk"]

#: Contacts frozen in one transaction; small enough that neither other writers nor the event loop
#: ever wait long.
FREEZE_CHUNK = 500


async def freeze_next_chunk(session: AsyncSession) -> TaskSnapshot | None:
    """Freeze one chunk of one launching campaign; None when none is launching."""
    campaign = await session.scalar(
        select(Campaign)
        .where(Campaign.state == TaskState.LAUNCHING)
        .order_by(Campaign.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if campaign is None:
        return None
    accounts = list(
        await session.scalars(
            select(CampaignAccount)
            .where(CampaignAccount.campaign_id == campaign.id)
            .order_by(CampaignAccount.position)
        )
    )
    contacts = await _next_contacts(session, campaign)
    if contacts:
        now = utc_now()
        rows = freeze_chunk(campaign.id, contacts, accounts, campaign.total, now)
        await session.execute(insert(Delivery), rows)
        suppressed = sum(row["state"] is DeliveryState.SUPPRESSED for row in rows)
        campaign.freeze_cursor = contacts[-1].id
        campaign.total += len(rows)
        campaign.suppressed += suppressed
        campaign.queued += len(rows) - suppressed
    if len(contacts) < FREEZE_CHUNK:
        await _start(session, campaign, accounts)
    campaign.sequence += 1
    await session.flush()
    await finish_campaigns(session, [campaign.id])
    return (await load_snapshots(session, [campaign.id]))[0]


def freeze_chunk(
    campaign_id: str,
    contacts: Sequence[Contact],
    accounts: Sequence[CampaignAccount],
    first_ordinal: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """The delivery rows of some contacts, spread evenly over the accounts that reach them."""
    rows = []
    for ordinal, contact in enumerate(contacts, first_ordinal):
        reachable = [a for a in accounts if address_of(contact, a.channel) is not None]
        account = reachable[ordinal % len(reachable)] if reachable else None
        reason = _suppression(contact, account)
        rows.append(
            {
                "id": delivery_id(campaign_id, ordinal),
                "campaign_id": campaign_id,
                "contact_id": contact.id,
                "ordinal": ordinal,
                "account_id": account and account.account_id,
                "state": DeliveryState.SUPPRESSED if reason else DeliveryState.QUEUED,
                "reason": reason,
                "updated_at": now,
            }
        )
    return rows


def address_of(contact: Contact, channel: Channel) -> str | None:
    """Where the contact is reached on a channel, if at all."""
    return contact.telegram_chat_id if channel is Channel.TELEGRAM else contact.phone_number


def _suppression(contact: Contact, account: CampaignAccount | None) -> str | None:
    if contact.consent is Consent.OPTED_OUT:
        return "OPTED_OUT"
    if contact.consent is not Consent.OPTED_IN:
        return "NO_CONSENT"
    return "NO_ADDRESS" if account is None else None


async def _next_contacts(session: AsyncSession, campaign: Campaign) -> list[Contact]:
    found = await session.scalars(
        select(Contact)
        .join(ListMember, ListMember.contact_id == Contact.id)
        .where(
            ListMember.list_id == campaign.list_id,
            ListMember.contact_id > campaign.freeze_cursor,
            # A list holds contacts of its own organisation only; this makes sure of it.
            Contact.organization_id == campaign.organization_id,
        )
        .order_by(ListMember.contact_id)
        .limit(FREEZE_CHUNK)
    )
    return list(found)


async def _start(
    session: AsyncSession, campaign: Campaign, accounts: Sequence[CampaignAccount]
) -> None:
    state = next_state(campaign.state, Action.START)
    if state is not None:
        campaign.state = state
    campaign.is_frozen = True
    is_postgres = session.get_bind().dialect.name == "postgresql"
    insert_pacing = (postgresql if is_postgres else sqlite).insert(AccountPacing)
    # In one order, so that two launches with the same accounts never wait in a circle.
    rows = [
        {"account_id": name, "next_send_at": 0.0} for name in sorted(a.account_id for a in accounts)
    ]
    if rows:
        await session.execute(insert_pacing.on_conflict_do_nothing().values(rows))
