"""What a provider reports about a message it accepted: sent, delivered, read, failed.

Reports come late, twice and in any order. So a delivery only ever moves upwards in `RANKS`, which
makes the end the same for every order: delivered beats failed, because whoever has the message has
it. A report also proves that the message went out. It settles a delivery that is UNCONFIRMED, and
one that we believe not to have been sent.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.columns import utc_now
from subgraphs.tasks.counting import apply_changes
from subgraphs.tasks.models import Delivery
from subgraphs.tasks.progress import TaskSnapshot, counter_moves
from subgraphs.tasks.states import DeliveryState

__all__ = ["RECEIPTS_MAX", "Receipt", "apply_receipts"]

log = logging.getLogger(__name__)

#: Reports applied in one transaction.
RECEIPTS_MAX = 500
#: SUPPRESSED has no rank: nothing was sent, whatever is reported.
RANKS = {
    DeliveryState.QUEUED: 0,
    DeliveryState.SENDING: 0,
    DeliveryState.UNCONFIRMED: 0,
    DeliveryState.SENT: 1,
    DeliveryState.FAILED: 2,
    DeliveryState.DELIVERED: 3,
    DeliveryState.READ: 4,
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One report, to one account, about one delivery."""

    account_id: str
    delivery_id: str
    attempt_id: str
    provider_message_id: str
    state: DeliveryState
    reason: str | None = None

    @property
    def rank(self) -> int:
        """How far it moves a delivery."""
        return RANKS[self.state]


async def apply_receipts(session: AsyncSession, receipts: Sequence[Receipt]) -> list[TaskSnapshot]:
    """Move deliveries forward; answers the numbers of the campaigns that changed.

    A report that came to another account than the delivery's is not believed.
    """
    best: dict[str, Receipt] = {}
    for receipt in receipts:
        known = best.get(receipt.delivery_id)
        if known is None or known.rank < receipt.rank:
            best[receipt.delivery_id] = receipt
    rows = await session.execute(
        select(
            Delivery.id,
            Delivery.campaign_id,
            Delivery.account_id,
            Delivery.state,
            Delivery.attempt_id,
        )
        .where(Delivery.id.in_(sorted(best)))
        # The order in which everybody locks deliveries.
        .order_by(Delivery.id)
        .with_for_update()
    )
    moves: dict[str, list[tuple[DeliveryState, DeliveryState]]] = defaultdict(list)
    changed: list[Receipt] = []
    for row in rows:
        receipt = best[row.id]
        if receipt.account_id != row.account_id:
            log.warning("%s was reported on to an account that did not send it", row.id)
            continue
        if receipt.attempt_id != row.attempt_id:
            log.warning("%s was reported on for an attempt that is not its last", row.id)
        if receipt.rank > RANKS.get(row.state, receipt.rank):
            moves[row.campaign_id].append((row.state, receipt.state))
            changed.append(receipt)
    await _write(session, changed)
    return await apply_changes(
        session, {campaign_id: counter_moves(its) for campaign_id, its in moves.items()}
    )


async def _write(session: AsyncSession, receipts: Sequence[Receipt]) -> None:
    if not receipts:
        return
    now = utc_now()
    await session.execute(
        update(Delivery),
        [
            {
                "id": receipt.delivery_id,
                "state": receipt.state,
                "reason": receipt.reason,
                "provider_message_id": receipt.provider_message_id,
                "lease_until": None,
                "updated_at": now,
            }
            for receipt in receipts
        ],
    )
