"""The slow rounds of a worker: what is due, what was left behind, what was cancelled.

Every function is one short transaction, safe to run in any number of workers at once.
"""

from datetime import datetime

from sqlalchemy import Row, Select, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.columns import utc_now
from subgraphs.tasks.counting import (
    finish_campaigns,
    load_snapshots,
    settle_deliveries,
)
from subgraphs.tasks.models import Campaign, CampaignAccount, Delivery
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.states import Action, Channel, DeliveryState, TaskState, next_state

__all__ = [
    "complete_campaigns",
    "give_up_expired",
    "hand_over_stopped",
    "launch_due",
    "settle_cancelled",
]

#: Rows changed in one transaction.
CHUNK = 1_000


async def launch_due(session: AsyncSession, now: datetime) -> list[TaskSnapshot]:
    """Launch the scheduled campaigns whose time has come.

    Their accounts were judged when they were created and are not asked about again: nobody's token
    is at hand to ask with, and services do not hear of each other's changes yet.
    """
    campaigns = await session.scalars(
        select(Campaign)
        .where(Campaign.state == TaskState.SCHEDULED, Campaign.scheduled_at <= now)
        .order_by(Campaign.id)
        .limit(CHUNK)
        .with_for_update(skip_locked=True)
    )
    launched = []
    for campaign in campaigns:
        state = next_state(campaign.state, Action.LAUNCH)
        if state is not None:
            campaign.state = state
            campaign.started_at = now
            campaign.sequence += 1
            launched.append(campaign.snapshot())
    return launched


async def give_up_expired(session: AsyncSession, now: float) -> list[TaskSnapshot]:
    """Mark deliveries as UNCONFIRMED whose worker did not answer for them in time."""
    expired = select(Delivery.id, Delivery.campaign_id).where(
        Delivery.state == DeliveryState.SENDING, Delivery.lease_until < now
    )
    return await _settle(session, expired, DeliveryState.UNCONFIRMED, "LEASE_EXPIRED")


async def settle_cancelled(session: AsyncSession) -> list[TaskSnapshot]:
    """Suppress what is still queued of cancelled campaigns."""
    cancelled = select(Campaign.id).where(
        Campaign.state == TaskState.CANCELLED, Campaign.queued > 0
    )
    queued = select(Delivery.id, Delivery.campaign_id).where(
        Delivery.campaign_id.in_(cancelled), Delivery.state == DeliveryState.QUEUED
    )
    return await _settle(session, queued, DeliveryState.SUPPRESSED, "CAMPAIGN_CANCELLED")


async def hand_over_stopped(session: AsyncSession) -> list[TaskSnapshot]:
    """Move what is queued of one stopped account to the campaign's others of the same channel.

    Where there is none, it fails with the account's reason. Answers the campaign's numbers as long
    as there was something to move.
    """
    stopped = await _one_stopped(session)
    if stopped is None:
        return []
    queued = select(Delivery.id, Delivery.campaign_id).where(
        Delivery.campaign_id == stopped.campaign_id,
        Delivery.account_id == stopped.account_id,
        Delivery.state == DeliveryState.QUEUED,
    )
    heirs = (
        await session.scalars(
            select(CampaignAccount.account_id)
            .where(
                CampaignAccount.campaign_id == stopped.campaign_id,
                CampaignAccount.channel == stopped.channel,
                CampaignAccount.stopped_reason.is_(None),
            )
            .order_by(CampaignAccount.position)
        )
    ).all()
    if not heirs:
        return await _settle(session, queued, DeliveryState.FAILED, stopped.stopped_reason)
    rows = await session.execute(
        queued.order_by(Delivery.id).limit(CHUNK).with_for_update(skip_locked=True, of=Delivery)
    )
    ids = [row.id for row in rows]
    for place, heir in enumerate(heirs):
        share = ids[place :: len(heirs)]
        await session.execute(
            update(Delivery)
            .where(Delivery.id.in_(share))
            .values(account_id=heir, updated_at=utc_now())
            .execution_options(synchronize_session=False)
        )
    return await load_snapshots(session, [stopped.campaign_id]) if ids else []


async def _one_stopped(session: AsyncSession) -> Row[str, str, Channel, str] | None:
    has_queued = exists().where(
        Delivery.campaign_id == CampaignAccount.campaign_id,
        Delivery.account_id == CampaignAccount.account_id,
        Delivery.state == DeliveryState.QUEUED,
    )
    found = await session.execute(
        select(
            CampaignAccount.campaign_id,
            CampaignAccount.account_id,
            CampaignAccount.channel,
            func.coalesce(CampaignAccount.stopped_reason, "").label("stopped_reason"),
        )
        .join(Campaign, Campaign.id == CampaignAccount.campaign_id)
        .where(
            CampaignAccount.stopped_reason.is_not(None),
            Campaign.state.in_([TaskState.RUNNING, TaskState.PAUSED]),
            Campaign.queued > 0,
            has_queued,
        )
        .order_by(CampaignAccount.campaign_id, CampaignAccount.position)
        .limit(1)
    )
    return found.first()


async def complete_campaigns(session: AsyncSession) -> list[TaskSnapshot]:
    """Complete campaigns that were resumed, or frozen, with nothing left to send."""
    ids = list(
        await session.scalars(
            select(Campaign.id)
            .where(
                Campaign.state.in_([TaskState.RUNNING, TaskState.CANCELLED]),
                Campaign.queued == 0,
                Campaign.finished_at.is_(None),
            )
            .order_by(Campaign.id)
            .limit(CHUNK)
            .with_for_update(skip_locked=True)
        )
    )
    await finish_campaigns(session, ids)
    return await load_snapshots(session, ids) if ids else []


async def _settle(
    session: AsyncSession,
    statement: Select[str, str],
    state: DeliveryState,
    reason: str,
) -> list[TaskSnapshot]:
    found = await session.execute(
        statement.order_by(Delivery.id).limit(CHUNK).with_for_update(skip_locked=True, of=Delivery)
    )
    return await settle_deliveries(session, found, state, reason)
