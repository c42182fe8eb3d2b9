"""Recording what became of claimed deliveries, many in one transaction.

A result counts only while its delivery is still SENDING under the same attempt: one that was given
up as UNCONFIRMED meanwhile stays so, because its campaign may already have been reported as done.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.columns import utc_now
from subgraphs.shared.ids import new_id
from subgraphs.tasks.channels.port import (
    Accepted,
    AccountUnusable,
    AddressChanged,
    Blocked,
    NotSent,
    RecipientThrottled,
    Rejected,
    SendOutcome,
    Throttled,
)
from subgraphs.tasks.counting import apply_changes
from subgraphs.tasks.models import (
    AccountPacing,
    CampaignAccount,
    ConsentEvent,
    Contact,
    Delivery,
)
from subgraphs.tasks.progress import TaskSnapshot, counter_changes
from subgraphs.tasks.states import Channel, Consent, DeliveryState
from subgraphs.tasks.worker.claim import ClaimedDelivery

__all__ = ["NOT_SENT", "UNKNOWN", "Result", "record_results"]

#: A network that keeps refusing us is not asked for ever.
ATTEMPTS_MAX = 20


@dataclass(frozen=True, slots=True)
class _NotSent:
    """The channel was never called; the delivery goes back to the queue."""


@dataclass(frozen=True, slots=True)
class _Unknown:
    """The channel was called and gave no answer; nobody knows whether the message went out."""


NOT_SENT = _NotSent()
UNKNOWN = _Unknown()


@dataclass(frozen=True, slots=True)
class Result:
    """A claimed delivery and what became of it."""

    claimed: ClaimedDelivery
    outcome: SendOutcome | _NotSent | _Unknown


async def record_results(
    session: AsyncSession, results: Sequence[Result], now: float
) -> list[TaskSnapshot]:
    """Write the results that still count; answers the campaigns' new numbers."""
    attempts = await _attempts_under_way(session, results)
    valid = [r for r in results if r.claimed.message.delivery_id in attempts]
    groups: dict[tuple[DeliveryState, str | None], list[Result]] = defaultdict(list)
    for result in valid:
        attempt = attempts[result.claimed.message.delivery_id]
        groups[_verdict(result, attempt)].append(result)
    per_campaign: dict[str, list[DeliveryState]] = defaultdict(list)
    for (state, reason), members in groups.items():
        await _write_group(session, state, reason, members)
        if state is not DeliveryState.QUEUED:
            for member in members:
                per_campaign[member.claimed.campaign_id].append(state)
    await _write_provider_ids(session, valid)
    await _return_attempts(session, valid)
    await _end_consent(session, valid)
    await _change_addresses(session, valid)
    await _space_out(session, valid, now)
    await _slow_down(session, valid, now)
    await _stop_accounts(session, valid)
    return await apply_changes(session, {c: counter_changes(s) for c, s in per_campaign.items()})


async def _attempts_under_way(session: AsyncSession, results: Sequence[Result]) -> dict[str, int]:
    expected = {r.claimed.message.delivery_id: r.claimed.message.attempt_id for r in results}
    rows = await session.execute(
        select(Delivery.id, Delivery.attempt_id, Delivery.attempts)
        .where(Delivery.id.in_(expected), Delivery.state == DeliveryState.SENDING)
        .order_by(Delivery.id)
        .with_for_update()
    )
    return {row.id: row.attempts for row in rows if row.attempt_id == expected[row.id]}


def _verdict(result: Result, attempt: int) -> tuple[DeliveryState, str | None]:
    match result.outcome:
        case Accepted(receipt=receipt):
            return receipt, None
        case Rejected(code=code):
            return DeliveryState.FAILED, code
        case Blocked():
            return DeliveryState.FAILED, "BLOCKED_BY_RECIPIENT"
        case Throttled() | RecipientThrottled() if attempt >= ATTEMPTS_MAX:
            return DeliveryState.FAILED, "THROTTLED"
        case AddressChanged() if attempt >= ATTEMPTS_MAX:
            return DeliveryState.FAILED, "CHAT_MIGRATED"
        case Throttled() | RecipientThrottled() | AddressChanged():
            return DeliveryState.QUEUED, None
        # These say nothing about the message, so it waits however long it takes.
        case AccountUnusable() | NotSent() | _NotSent():
            return DeliveryState.QUEUED, None
        case _Unknown():
            return DeliveryState.UNCONFIRMED, "NO_ANSWER"


async def _write_group(
    session: AsyncSession, state: DeliveryState, reason: str | None, members: Sequence[Result]
) -> None:
    await session.execute(
        update(Delivery)
        .where(Delivery.id.in_([m.claimed.message.delivery_id for m in members]))
        .values(state=state, reason=reason, lease_until=None, updated_at=utc_now())
        .execution_options(synchronize_session=False)
    )


async def _write_provider_ids(session: AsyncSession, results: Sequence[Result]) -> None:
    rows: list[dict[str, Any]] = [
        {"id": r.claimed.message.delivery_id, "provider_message_id": r.outcome.provider_message_id}
        for r in results
        if isinstance(r.outcome, Accepted)
    ]
    if rows:
        await session.execute(update(Delivery), rows)


async def _return_attempts(session: AsyncSession, results: Sequence[Result]) -> None:
    """An attempt that never reached a network is none."""
    unused = [
        r.claimed.message.delivery_id
        for r in results
        if isinstance(r.outcome, AccountUnusable | NotSent | _NotSent)
    ]
    if unused:
        await session.execute(
            update(Delivery)
            .where(Delivery.id.in_(unused))
            .values(attempts=Delivery.attempts - 1)
            .execution_options(synchronize_session=False)
        )


async def _end_consent(session: AsyncSession, results: Sequence[Result]) -> None:
    sources = {
        r.claimed.contact_id: r.outcome.source for r in results if isinstance(r.outcome, Blocked)
    }
    now = utc_now()
    for source in sorted(set(sources.values())):
        contacts = sorted(contact for contact, its in sources.items() if its == source)
        await session.execute(
            update(Contact)
            .where(Contact.id.in_(contacts))
            .values(consent=Consent.OPTED_OUT, consent_source=source, consent_at=now)
            .execution_options(synchronize_session=False)
        )
        await session.execute(
            insert(ConsentEvent),
            [
                {
                    "id": new_id("cev"),
                    "contact_id": contact,
                    "consent": Consent.OPTED_OUT,
                    "source": source,
                    "at": now,
                }
                for contact in contacts
            ],
        )


async def _change_addresses(session: AsyncSession, results: Sequence[Result]) -> None:
    for result in results:
        message = result.claimed.message
        if (
            not isinstance(result.outcome, AddressChanged)
            or message.channel is not Channel.TELEGRAM
        ):
            continue
        await session.execute(
            update(Contact)
            .where(
                Contact.id == result.claimed.contact_id,
                # Whoever changed it meanwhile knows better.
                Contact.telegram_chat_id == message.address,
            )
            .values(telegram_chat_id=result.outcome.address)
            .execution_options(synchronize_session=False)
        )


async def _space_out(session: AsyncSession, results: Sequence[Result], now: float) -> None:
    """Leave recipients alone that the network said were written to too often."""
    for result in results:
        if isinstance(result.outcome, RecipientThrottled):
            until = now + result.outcome.retry_after_seconds
            await session.execute(
                update(Contact)
                .where(Contact.id == result.claimed.contact_id, Contact.next_send_at < until)
                .values(next_send_at=until)
                .execution_options(synchronize_session=False)
            )


async def _stop_accounts(session: AsyncSession, results: Sequence[Result]) -> None:
    """Let an unusable account send nothing more for the campaign; upkeep moves what it had."""
    stopped = {
        (r.claimed.campaign_id, r.claimed.message.account_id): r.outcome.code
        for r in results
        if isinstance(r.outcome, AccountUnusable)
    }
    for (campaign_id, account_id), reason in sorted(stopped.items()):
        await session.execute(
            update(CampaignAccount)
            .where(
                CampaignAccount.campaign_id == campaign_id,
                CampaignAccount.account_id == account_id,
                CampaignAccount.stopped_reason.is_(None),
            )
            .values(stopped_reason=reason)
            .execution_options(synchronize_session=False)
        )


async def _slow_down(session: AsyncSession, results: Sequence[Result], now: float) -> None:
    """Let a throttled account rest as long as the network asked, for every worker."""
    rest_until: dict[str, float] = {}
    for result in results:
        if isinstance(result.outcome, Throttled | NotSent):
            account = result.claimed.message.account_id
            until = now + result.outcome.retry_after_seconds
            rest_until[account] = max(rest_until.get(account, 0.0), until)
    for account, until in sorted(rest_until.items()):
        await session.execute(
            update(AccountPacing)
            .where(AccountPacing.account_id == account, AccountPacing.next_send_at < until)
            .values(next_send_at=until)
            .execution_options(synchronize_session=False)
        )
