"""Changing a contact's consent because the platform says so, and what follows at once.

Reports come late, twice and in any order, so the later moment counts, and of two in one moment the
opt-out. The platforms' moments have whole seconds and a clock of their own: so against a consent
that was recorded elsewhere they are given a little more, against an opt-out nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.ids import new_id
from subgraphs.tasks.counting import settle_deliveries
from subgraphs.tasks.models import Campaign, ConsentEvent, Contact, Delivery
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.states import Channel, Consent, DeliveryState, TaskState

__all__ = [
    "CONTACTS_MAX",
    "ConsentChange",
    "Person",
    "apply_consent_changes",
    "people_filter",
    "set_consent",
]

#: Contacts of one organisation that share one address; the rest is found when it is sent to.
CONTACTS_MAX = 1_000
CLOCK_TOLERANCE = timedelta(seconds=5)
#: How sources begin that are reports of a platform.
SOURCES = ("telegram:", "whatsapp:")
ACTIVE = (TaskState.LAUNCHING, TaskState.RUNNING, TaskState.PAUSED)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as an organisation's account on a platform knows them."""

    organization_id: str
    channel: Channel
    address: str


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """A person opted in or out; `source` starts with the platform's name."""

    person: Person
    consent: Consent
    source: str
    at: datetime


async def apply_consent_changes(
    session: AsyncSession, changes: Sequence[ConsentChange]
) -> list[TaskSnapshot]:
    """Record the changes that still count, and suppress what is queued for who opted out.

    What a worker has in hand at this moment, for at most half a second, still goes out.
    """
    # Whatever their order here, they are applied in the order in which they happened.
    ordered = sorted(changes, key=lambda c: (c.at, c.consent is Consent.OPTED_OUT))
    contacts = await _lock_contacts(session, {change.person for change in ordered})
    opted_out: set[str] = set()
    for change in ordered:
        for contact in contacts.get(change.person, ()):
            if not _counts(change, contact):
                continue
            set_consent(session, contact, change.consent, change.source, change.at)
            if change.consent is Consent.OPTED_OUT:
                opted_out.add(contact.id)
            else:
                opted_out.discard(contact.id)
    await session.flush()
    return await _suppress_queued(session, sorted(opted_out))


def set_consent(
    session: AsyncSession, contact: Contact, consent: Consent, source: str, at: datetime
) -> None:
    """Change a contact's consent, and keep the change."""
    contact.consent = consent
    contact.consent_source = source
    contact.consent_at = at
    session.add(
        ConsentEvent(id=new_id("cev"), contact_id=contact.id, consent=consent, source=source, at=at)
    )


def people_filter(people: Iterable[Person]) -> ColumnElement[bool]:
    """The contacts that these people are."""
    groups: dict[tuple[str, Channel], set[str]] = defaultdict(set)
    for person in people:
        groups[person.organization_id, person.channel].add(person.address)
    return or_(
        *(
            and_(
                Contact.organization_id == organization_id,
                (
                    Contact.telegram_chat_id
                    if channel is Channel.TELEGRAM
                    else Contact.phone_number
                ).in_(sorted(addresses)),
            )
            for (organization_id, channel), addresses in sorted(groups.items())
        )
    )


async def _lock_contacts(session: AsyncSession, people: set[Person]) -> dict[Person, list[Contact]]:
    if not people:
        return {}
    found = await session.scalars(
        select(Contact)
        .where(people_filter(people))
        .order_by(Contact.id)
        .limit(CONTACTS_MAX)
        # Not more than it takes: who inserts rows that refer to a contact need not wait.
        .with_for_update(key_share=True)
    )
    contacts: dict[Person, list[Contact]] = defaultdict(list)
    for contact in found:
        for channel, address in (
            (Channel.TELEGRAM, contact.telegram_chat_id),
            (Channel.WHATSAPP, contact.phone_number),
        ):
            if address is not None:
                contacts[Person(contact.organization_id, channel, address)].append(contact)
    return contacts


def _counts(change: ConsentChange, contact: Contact) -> bool:
    if contact.consent_at is None:
        return True
    was_out = contact.consent is Consent.OPTED_OUT
    if (contact.consent_source or "").startswith(SOURCES):
        is_out = change.consent is Consent.OPTED_OUT
        return (change.at, is_out) > (contact.consent_at, was_out)
    # The same line for every change that comes, so that their order does not matter.
    return change.at > contact.consent_at - (timedelta() if was_out else CLOCK_TOLERANCE)


async def _suppress_queued(session: AsyncSession, contact_ids: list[str]) -> list[TaskSnapshot]:
    if not contact_ids:
        return []
    active = select(Campaign.id).where(Campaign.state.in_(ACTIVE), Campaign.queued > 0)
    rows = await session.execute(
        select(Delivery.id, Delivery.campaign_id)
        .where(
            Delivery.contact_id.in_(contact_ids),
            Delivery.campaign_id.in_(active),
            Delivery.state == DeliveryState.QUEUED,
        )
        .order_by(Delivery.id)
        # One that is locked is being claimed: the claim waits for nobody and looks at the consent.
        .with_for_update(skip_locked=True)
    )
    return await settle_deliveries(session, rows, DeliveryState.SUPPRESSED, "OPTED_OUT")
