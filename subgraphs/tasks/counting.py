"""Changing a campaign's numbers inside the transaction that changes its deliveries.

Lock order everywhere: deliveries first, then campaigns in the order of their ids. Two workers that
record results for the same campaigns therefore never wait for each other in a circle.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.columns import utc_now
from subgraphs.tasks.models import Campaign, Delivery
from subgraphs.tasks.progress import TaskSnapshot, counter_changes
from subgraphs.tasks.states import Action, DeliveryState, TaskState, next_state

__all__ = ["apply_changes", "finish_campaigns", "load_snapshots", "settle_deliveries"]


async def apply_changes(
    session: AsyncSession, changes: Mapping[str, Mapping[str, int]]
) -> list[TaskSnapshot]:
    """Add to each campaign's counters, finish those that are done, answer their snapshots."""
    for campaign_id, change in sorted(changes.items()):
        increments = {name: getattr(Campaign, name) + step for name, step in change.items()}
        await session.execute(
            update(Campaign)
            .where(Campaign.id == campaign_id)
            .values(sequence=Campaign.sequence + 1, **increments)
            .execution_options(synchronize_session=False)
        )
    await finish_campaigns(session, sorted(changes))
    return await load_snapshots(session, sorted(changes))


async def settle_deliveries(
    session: AsyncSession,
    found: Iterable[Row[str, str]],
    state: DeliveryState,
    reason: str,
) -> list[TaskSnapshot]:
    """Give deliveries on the way, found as (id, campaign id), a definite state; count them."""
    per_campaign: dict[str, list[str]] = defaultdict(list)
    for delivery_id, campaign_id in found:
        per_campaign[campaign_id].append(delivery_id)
    for delivery_ids in per_campaign.values():
        await session.execute(
            update(Delivery)
            .where(Delivery.id.in_(delivery_ids))
            .values(state=state, reason=reason, lease_until=None, updated_at=utc_now())
            .execution_options(synchronize_session=False)
        )
    changes = {c: counter_changes([state] * len(ids)) for c, ids in per_campaign.items()}
    return await apply_changes(session, changes)


async def finish_campaigns(session: AsyncSession, campaign_ids: Sequence[str]) -> None:
    """Complete running campaigns of which nothing is on the way; close cancelled ones likewise."""
    if not campaign_ids:
        return
    done = update(Campaign).where(
        Campaign.id.in_(campaign_ids), Campaign.queued == 0, Campaign.finished_at.is_(None)
    )
    end = {"sequence": Campaign.sequence + 1, "finished_at": utc_now()}
    completed = next_state(TaskState.RUNNING, Action.COMPLETE)
    for statement in (
        done.where(Campaign.state == TaskState.RUNNING).values(state=completed, **end),
        done.where(Campaign.state == TaskState.CANCELLED).values(**end),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))


async def load_snapshots(session: AsyncSession, campaign_ids: Sequence[str]) -> list[TaskSnapshot]:
    """State and numbers as this transaction sees them."""
    columns = [getattr(Campaign, name) for name in TaskSnapshot.__struct_fields__]
    rows = await session.execute(select(*columns).where(Campaign.id.in_(campaign_ids)))
    return [TaskSnapshot(**row._mapping) for row in rows]  # noqa: SLF001 - a documented name
