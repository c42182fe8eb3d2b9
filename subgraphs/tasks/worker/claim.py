"""Claiming deliveries: one short transaction that decides who sends what, and when.

Theory of operation. An account's row in `account_pacing` says when it may send next. A claim locks
the row, takes as many queued deliveries as fit before the horizon, gives each its moment, and moves
the row forward; so all workers together keep the account's pace, and a worker that dies holds
nothing but leases. Claimed rows are SENDING with an attempt id before anything is sent. Rows that
another worker has locked are skipped, the contact's included, so two campaigns never write to one
person at the same moment.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.columns import utc_now
from subgraphs.tasks.channels.port import OutgoingMessage, ProviderTemplate
from subgraphs.tasks.counting import apply_changes
from subgraphs.tasks.freeze import address_of
from subgraphs.tasks.models import (
    AccountPacing,
    Campaign,
    CampaignAccount,
    Contact,
    Delivery,
    Template,
)
from subgraphs.tasks.progress import TaskSnapshot, counter_changes
from subgraphs.tasks.settings import WorkerSettings
from subgraphs.tasks.states import Channel, Consent, DeliveryState, TaskState
from subgraphs.tasks.template_text import placeholders, render

__all__ = ["CLAIM_HORIZON_SECONDS", "Claim", "ClaimedDelivery", "claim_deliveries"]

#: How far ahead an account's deliveries are claimed. Pause, cancel and an opt-out take effect
#: after at most this long, and a worker that dies loses sight of no more than this.
CLAIM_HORIZON_SECONDS = 0.5
#: A window that closes sooner counts as closed: the message has to get there first.
WINDOW_MARGIN_SECONDS = 120.0
#: Deliveries of one account in one claim, however fast its pace.
CLAIM_PER_ACCOUNT_MAX = 200


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery this worker alone may send, at `due_at`, unless `lease_until` has come."""

    campaign_id: str
    contact_id: str
    message: OutgoingMessage
    due_at: float
    lease_until: float


@dataclass(frozen=True, slots=True)
class Claim:
    """What one transaction claimed, and the campaigns it changed on the way."""

    deliveries: Sequence[ClaimedDelivery]
    snapshots: Sequence[TaskSnapshot]


@dataclass(frozen=True, slots=True)
class _Sender:
    """An account that sends for a running campaign."""

    campaign_id: str
    account_id: str
    channel: Channel
    template: str
    whatsapp_name: str | None
    whatsapp_language: str | None

    def provider_template(self, values: Mapping[str, str]) -> ProviderTemplate | None:
        """The text as WhatsApp knows it; its places are filled in the order of the text's own."""
        if self.whatsapp_name is None or self.whatsapp_language is None:
            return None
        parameters = tuple(values[name] for name in placeholders(self.template))
        return ProviderTemplate(self.whatsapp_name, self.whatsapp_language, parameters)


async def claim_deliveries(
    session: AsyncSession, settings: WorkerSettings, now: float, room: int
) -> Claim:
    """Claim what may be sent within the horizon, at most `room` deliveries."""
    senders = await _running_senders(session)
    pacing = await _lock_pacing(session, sorted({s.account_id for s in senders}))
    attempt_id = uuid.uuid4().hex
    lease_until = now + settings.lease_seconds
    claimed: list[ClaimedDelivery] = []
    opted_out: list[Row[Delivery, Contact]] = []
    seen_contacts: set[str] = set()
    for sender in senders:
        start = max(now, pacing.get(sender.account_id, float("inf")))
        rate = settings.messages_per_second[sender.channel]
        slots = min(_free_slots(now, start, rate), room - len(claimed))
        if slots < 1:
            continue
        taken = 0
        for row in await _lock_queued(session, sender, now, slots):
            delivery, contact = row.Delivery, row.Contact
            if contact.id in seen_contacts:
                continue
            seen_contacts.add(contact.id)
            address = address_of(contact, sender.channel)
            if contact.consent is not Consent.OPTED_IN or address is None:
                opted_out.append(row)
                continue
            claimed.append(
                ClaimedDelivery(
                    campaign_id=delivery.campaign_id,
                    contact_id=contact.id,
                    message=_message(sender, delivery.id, attempt_id, contact, address),
                    due_at=start + taken / rate,
                    lease_until=lease_until,
                )
            )
            taken += 1
        if taken:
            pacing[sender.account_id] = start + taken / rate
    await _write_claims(session, claimed, pacing, settings)
    return Claim(claimed, await _suppress(session, opted_out))


def _message(
    sender: _Sender, delivery_id: str, attempt_id: str, contact: Contact, address: str
) -> OutgoingMessage:
    values = {"name": contact.name}
    return OutgoingMessage(
        delivery_id=delivery_id,
        attempt_id=attempt_id,
        account_id=sender.account_id,
        channel=sender.channel,
        address=address,
        text=render(sender.template, values),
        template=sender.provider_template(values),
        is_window_open=contact.window_account_id == sender.account_id
        and (contact.window_until or 0.0) > time.time() + WINDOW_MARGIN_SECONDS,
    )


def _free_slots(now: float, start: float, rate: float) -> int:
    if start > now + CLAIM_HORIZON_SECONDS:
        return 0
    # A slow account's next slot may lie beyond the horizon; when its turn has come it gets one.
    slots = max(int((now + CLAIM_HORIZON_SECONDS - start) * rate), int(start <= now))
    return min(slots, CLAIM_PER_ACCOUNT_MAX)


async def _running_senders(session: AsyncSession) -> list[_Sender]:
    rows = await session.execute(
        select(
            CampaignAccount.campaign_id,
            CampaignAccount.account_id,
            CampaignAccount.channel,
            Template.body,
            Template.whatsapp_name,
            Template.whatsapp_language,
        )
        .join(Campaign, Campaign.id == CampaignAccount.campaign_id)
        .join(Template, Template.id == Campaign.template_id)
        .where(
            Campaign.state == TaskState.RUNNING,
            Campaign.queued > 0,
            CampaignAccount.stopped_reason.is_(None),
        )
        # The campaign claimed least far goes first, so that campaigns share an account.
        .order_by(Campaign.sequence, CampaignAccount.campaign_id, CampaignAccount.position)
    )
    return [_Sender(*row) for row in rows]


async def _lock_pacing(session: AsyncSession, account_ids: Sequence[str]) -> dict[str, float]:
    if not account_ids:
        return {}
    rows = await session.execute(
        select(AccountPacing.account_id, AccountPacing.next_send_at)
        .where(AccountPacing.account_id.in_(account_ids))
        .with_for_update(skip_locked=True)
    )
    return {row.account_id: row.next_send_at for row in rows}


async def _lock_queued(
    session: AsyncSession, sender: _Sender, now: float, slots: int
) -> Sequence[Row[Delivery, Contact]]:
    rows = await session.execute(
        select(Delivery, Contact)
        .join(Contact, Contact.id == Delivery.contact_id)
        .where(
            Delivery.campaign_id == sender.campaign_id,
            Delivery.account_id == sender.account_id,
            Delivery.state == DeliveryState.QUEUED,
            Contact.next_send_at <= now,
        )
        .order_by(Delivery.ordinal)
        .limit(slots)
        .with_for_update(skip_locked=True)
    )
    return rows.all()


async def _write_claims(
    session: AsyncSession,
    claimed: Sequence[ClaimedDelivery],
    pacing: Mapping[str, float],
    settings: WorkerSettings,
) -> None:
    if not claimed:
        return
    first = claimed[0]
    await session.execute(
        update(Delivery)
        .where(Delivery.id.in_([c.message.delivery_id for c in claimed]))
        .values(
            state=DeliveryState.SENDING,
            attempt_id=first.message.attempt_id,
            attempts=Delivery.attempts + 1,
            lease_until=first.lease_until,
            updated_at=utc_now(),
        )
        .execution_options(synchronize_session=False)
    )
    for channel, spacing in settings.recipient_spacing_seconds.items():
        in_channel = [c for c in claimed if c.message.channel is channel]
        if in_channel:
            free_again = max(c.due_at for c in in_channel) + spacing
            await session.execute(
                update(Contact)
                .where(Contact.id.in_([c.contact_id for c in in_channel]))
                .values(next_send_at=free_again)
                .execution_options(synchronize_session=False)
            )
    moved = sorted({c.message.account_id for c in claimed})
    await session.execute(
        update(AccountPacing),
        [{"account_id": name, "next_send_at": pacing[name]} for name in moved],
    )


async def _suppress(
    session: AsyncSession, rows: Sequence[Row[Delivery, Contact]]
) -> list[TaskSnapshot]:
    """Settle queued deliveries whose contact has taken back the consent since the launch."""
    if not rows:
        return []
    await session.execute(
        update(Delivery)
        .where(Delivery.id.in_([row.Delivery.id for row in rows]))
        .values(state=DeliveryState.SUPPRESSED, reason="OPTED_OUT", updated_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    per_campaign: dict[str, list[DeliveryState]] = {}
    for row in rows:
        states = per_campaign.setdefault(row.Delivery.campaign_id, [])
        states.append(DeliveryState.SUPPRESSED)
    return await apply_changes(session, {c: counter_changes(s) for c, s in per_campaign.items()})
