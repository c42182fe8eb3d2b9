"""The demo's audiences, templates and campaigns: the same ids and numbers on every run.

Every number of a finished campaign is counted from delivery rows that are really there.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.tasks.freeze import freeze_chunk
from subgraphs.tasks.models import (
    Campaign,
    CampaignAccount,
    ConsentEvent,
    Contact,
    ContactList,
    Delivery,
    ListMember,
    Template,
)
from subgraphs.tasks.progress import COUNTERS, counter_changes
from subgraphs.tasks.states import Channel, Consent, DeliveryState, TaskState

__all__ = ["load_demo_data"]

NEWSLETTER_CONTACTS = 5_000
LOYALTY_CONTACTS = 800
REGULARS_CONTACTS = 20
#: One of so many has opted out: 2 %.
OPTED_OUT_EVERY = 50
SMALL_CAMPAIGNS = 100
GLOBEX_CONTACTS = 50

_START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
_TELEGRAM = [f"acc_tg_{n}" for n in range(1, 7)]
_WHATSAPP = [f"acc_wa_{n}" for n in range(1, 7)]
_FIRST_NAMES = (
    *("Alma", "Bruno", "Chiara", "Davit", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas"),
    *("Katya", "Liam", "Mina", "Noor", "Oskar", "Paula", "Quentin", "Rosa", "Sami", "Tilda"),
)
_LAST_NAMES = (
    *("Abel", "Bianchi", "Castro", "Dimitrov", "Eriksen", "Fontaine", "Garcia", "Hansen", "Ito"),
    *("Jansen", "Kowalski", "Lindqvist", "Moreau", "Novak", "Okafor", "Petrov", "Quispe", "Rossi"),
)
_TOPICS = ("Flash sale", "New arrivals", "Back in stock", "Loyalty points", "Store opening")
_MAX_SHARE = 2**32


async def load_demo_data(session: AsyncSession) -> None:
    """Add the demo's rows; does nothing when they are there."""
    if await session.get(Campaign, "cmp_autumn_sale") is not None:
        return
    acme = list(_contacts("org_acme", "cnt_", NEWSLETTER_CONTACTS))
    globex = list(_contacts("org_globex", "cnt_globex_", GLOBEX_CONTACTS))
    await session.execute(insert(Contact), acme + globex)
    await session.execute(insert(ConsentEvent), list(_consent_events(acme + globex)))
    await _insert_lists(session, acme, globex)
    await session.execute(insert(Template), list(_templates()))
    await _insert_open_campaigns(session)
    for number, topic in enumerate(("fashion", "garden", "travel"), 1):
        campaign = _campaign(f"cmp_summer_finished_{number}", f"Summer sale: {topic}", 90 + number)
        await _insert_finished(session, campaign, "lst_loyalty", acme[:LOYALTY_CONTACTS])
    for number in range(1, SMALL_CAMPAIGNS + 1):
        topic = _TOPICS[number % len(_TOPICS)]
        campaign = _campaign(f"cmp_weekly_{number:03d}", f"{topic}, week {number}", number)
        await _insert_finished(session, campaign, "lst_regulars", acme[:REGULARS_CONTACTS])


def _contacts(organization_id: str, prefix: str, count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        opted_out = number % OPTED_OUT_EVERY == 0
        first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
        last = _LAST_NAMES[number // len(_FIRST_NAMES) % len(_LAST_NAMES)]
        yield {
            "id": f"{prefix}{number:05d}",
            "organization_id": organization_id,
            "name": f"{first} {last}",
            # Numbers from the range that is reserved for stories, so that nobody owns them.
            "telegram_chat_id": str(700_000_000 + number),
            "phone_number": f"+1555{number:07d}",
            "consent": Consent.OPTED_OUT if opted_out else Consent.OPTED_IN,
            "consent_source": "keyword:STOP" if opted_out else "web-form",
            "consent_at": _START + timedelta(minutes=number),
            "next_send_at": 0.0,
        }


def _consent_events(contacts: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for contact in contacts:
        opted_in_at = contact["consent_at"] - timedelta(days=30)
        if contact["consent"] is Consent.OPTED_OUT:
            yield _consent_event(contact, "in", Consent.OPTED_IN, "web-form", opted_in_at)
            yield _consent_event(
                contact, "out", Consent.OPTED_OUT, "keyword:STOP", contact["consent_at"]
            )
        else:
            yield _consent_event(contact, "in", Consent.OPTED_IN, "web-form", contact["consent_at"])


def _consent_event(
    contact: dict[str, Any], suffix: str, consent: Consent, source: str, at: datetime
) -> dict[str, Any]:
    return {
        "id": f"cev_{contact['id']}_{suffix}",
        "contact_id": contact["id"],
        "consent": consent,
        "source": source,
        "at": at,
    }


async def _insert_lists(
    session: AsyncSession, acme: list[dict[str, Any]], globex: list[dict[str, Any]]
) -> None:
    lists = (
        ("lst_newsletter", "org_acme", "Newsletter", acme),
        ("lst_loyalty", "org_acme", "Loyalty programme", acme[:LOYALTY_CONTACTS]),
        ("lst_regulars", "org_acme", "Regulars", acme[:REGULARS_CONTACTS]),
        ("lst_globex", "org_globex", "Travellers", globex),
    )
    await session.execute(
        insert(ContactList),
        [
            {"id": list_id, "organization_id": owner, "name": name, "created_at": _START}
            for list_id, owner, name, _ in lists
        ],
    )
    members = [
        {"list_id": list_id, "contact_id": contact["id"]}
        for list_id, _, _, contacts in lists
        for contact in contacts
    ]
    await session.execute(insert(ListMember), members)


def _templates() -> Iterator[dict[str, Any]]:
    for template_id, owner, name, body in (
        ("tpl_autumn", "org_acme", "Autumn sale", "Hello {{name}}, 20 % off until Sunday."),
        ("tpl_weekly", "org_acme", "Weekly news", "{{name}}, here is what is new this week."),
        ("tpl_globex", "org_globex", "Last minute", "{{name}}, the sea is calling."),
    ):
        yield {
            "id": template_id,
            "organization_id": owner,
            "name": name,
            "body": body,
            "created_at": _START,
        }


async def _insert_open_campaigns(session: AsyncSession) -> None:
    autumn = _campaign("cmp_autumn_sale", "Autumn sale", 200)
    autumn |= {"list_id": "lst_newsletter", "template_id": "tpl_autumn"}
    winter = _campaign("cmp_winter_scheduled", "Winter sale", 199)
    winter |= {"list_id": "lst_newsletter", "state": TaskState.SCHEDULED}
    # Far enough away that a trial installation never sends it by itself.
    winter["scheduled_at"] = datetime(2036, 12, 1, 9, 0, tzinfo=UTC)
    hidden = _campaign("cmp_globex_draft", "Last minute", 198)
    hidden |= {
        "organization_id": "org_globex",
        "owner_id": "usr_hank",
        "list_id": "lst_globex",
        "template_id": "tpl_globex",
    }
    await session.execute(insert(Campaign), [autumn, hidden])
    await session.execute(insert(Campaign), [winter])
    await session.execute(
        insert(CampaignAccount),
        [
            *_accounts("cmp_autumn_sale", [*_TELEGRAM, *_WHATSAPP]),
            *_accounts("cmp_winter_scheduled", [*_TELEGRAM, *_WHATSAPP]),
            *_accounts("cmp_globex_draft", ["acc_tg_globex"]),
        ],
    )


def _campaign(campaign_id: str, name: str, day: int) -> dict[str, Any]:
    return {
        "id": campaign_id,
        "organization_id": "org_acme",
        "owner_id": ("usr_ada", "usr_grace")[day % 2],
        "name": name,
        "template_id": "tpl_weekly",
        "list_id": "lst_regulars",
        "state": TaskState.DRAFT,
        "created_at": _START + timedelta(days=day),
    }


def _accounts(campaign_id: str, account_ids: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "campaign_id": campaign_id,
            "account_id": account_id,
            "channel": Channel.TELEGRAM if "_tg_" in account_id else Channel.WHATSAPP,
            "position": position,
        }
        for position, account_id in enumerate(account_ids)
    ]


async def _insert_finished(
    session: AsyncSession, campaign: dict[str, Any], list_id: str, contacts: list[dict[str, Any]]
) -> None:
    account_rows = _accounts(campaign["id"], [_TELEGRAM[0], _WHATSAPP[0]])
    started_at = campaign["created_at"] + timedelta(hours=1)
    rows = freeze_chunk(
        campaign["id"],
        [Contact(**contact) for contact in contacts],
        [CampaignAccount(**row) for row in account_rows],
        0,
        started_at,
    )
    for row in rows:
        is_sent = row["state"] is DeliveryState.QUEUED
        row.update(_outcome(row["id"]) if is_sent else {"attempts": 0})
    counters = dict.fromkeys(COUNTERS, 0) | {"total": len(rows), "queued": len(rows)}
    for name, change in counter_changes(row["state"] for row in rows).items():
        counters[name] += change
    finished = {
        "list_id": list_id,
        "state": TaskState.COMPLETED,
        "started_at": started_at,
        "finished_at": started_at + timedelta(seconds=5 + len(rows) / 40),
        "freeze_cursor": contacts[-1]["id"],
        "is_frozen": True,
        "sequence": 2 + len(rows) // 10,
    }
    await session.execute(insert(Campaign), [campaign | finished | counters])
    await session.execute(insert(CampaignAccount), account_rows)
    # Rows of one statement must have the same columns.
    blank = {"provider_message_id": None}
    await session.execute(insert(Delivery), [blank | row for row in rows])


def _outcome(delivery_id: str) -> dict[str, Any]:
    share = int.from_bytes(hashlib.blake2b(delivery_id.encode(), digest_size=4).digest())
    fate = share / _MAX_SHARE
    if fate < 0.02:
        return {"state": DeliveryState.FAILED, "reason": "RECIPIENT_UNREACHABLE", "attempts": 1}
    if fate < 0.06:
        state = DeliveryState.SENT
    else:
        state = DeliveryState.DELIVERED if fate < 0.4 else DeliveryState.READ
    return {"state": state, "attempts": 1, "provider_message_id": f"sim_demo_{delivery_id}"}
