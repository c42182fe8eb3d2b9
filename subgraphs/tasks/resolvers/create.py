"""Creating contact lists, templates and campaigns, and recording consent."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.auth import Viewer
from subgraphs.shared.columns import utc_now
from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import InputRefusedError
from subgraphs.shared.idempotency import Claim, once
from subgraphs.shared.ids import new_id, usable_id
from subgraphs.tasks.consent import set_consent
from subgraphs.tasks.graphql_types.audience import Contact as ContactType
from subgraphs.tasks.graphql_types.audience import ContactList as ContactListType
from subgraphs.tasks.graphql_types.audience import Template as TemplateType
from subgraphs.tasks.graphql_types.campaign import Campaign as CampaignType
from subgraphs.tasks.models import (
    Campaign,
    CampaignAccount,
    ConsentEvent,
    Contact,
    ContactList,
    Idempotency,
    ListMember,
    Template,
)
from subgraphs.tasks.resolvers.payloads import (
    CampaignPayload,
    ContactInput,
    ContactListPayload,
    ContactPayload,
    CreateCampaignInput,
    CreateContactListInput,
    CreateTemplateInput,
    RecordConsentInput,
    TemplatePayload,
    refusal,
)
from subgraphs.tasks.resolvers.sending_accounts import SendingAccounts, ask_accounts
from subgraphs.tasks.states import Consent, TaskState
from subgraphs.tasks.template_text import unknown_placeholders

__all__ = [
    "EDITOR_ROLES",
    "create_campaign",
    "create_contact_list",
    "create_template",
    "record_consent",
]

#: Who may change campaigns and audiences.
EDITOR_ROLES = ("OWNER", "OPERATOR")
NAME_CHARACTERS_MAX = 200
BODY_CHARACTERS_MAX = 4_096
SOURCE_CHARACTERS_MAX = 100
CONTACTS_PER_REQUEST_MAX = 1_000
ACCOUNTS_PER_CAMPAIGN_MAX = 100
_TELEGRAM_CHAT_ID = re.compile(r"-?[0-9]{1,20}")
_PHONE_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


async def create_contact_list(
    info: ServiceInfo,
    input: CreateContactListInput,  # noqa: A002
) -> ContactListPayload:
    """Create a list with its contacts, all or nothing."""
    viewer = info.context.viewer_with_role(*EDITOR_ROLES)

    async def create(session: AsyncSession) -> dict[str, Any]:
        now = utc_now()
        row = ContactList(
            id=new_id("lst"),
            organization_id=viewer.organization_id,
            name=input.name,
            created_at=now,
        )
        session.add(row)
        await session.flush()
        await _insert_contacts(session, row, input.contacts, now)
        return {"id": row.id}

    try:
        _check_text("input.name", input.name, NAME_CHARACTERS_MAX)
        _check_contacts(input.contacts)
        async with info.context.database.writing() as session:
            claim = _claim(viewer, "createContactList", input)
            outcome = await once(session, Idempotency, claim, lambda: create(session))
            created = await session.get_one(ContactList, outcome["id"])
    except InputRefusedError as refused:
        return ContactListPayload(user_errors=refused.user_errors)
    return ContactListPayload(contact_list=ContactListType.from_row(created))


async def create_template(info: ServiceInfo, input: CreateTemplateInput) -> TemplatePayload:  # noqa: A002
    """Create a template whose placeholders every contact can fill."""
    viewer = info.context.viewer_with_role(*EDITOR_ROLES)

    async def create(session: AsyncSession) -> dict[str, Any]:
        row = Template(
            id=new_id("tpl"),
            organization_id=viewer.organization_id,
            name=input.name,
            body=input.body,
            created_at=utc_now(),
        )
        session.add(row)
        await session.flush()
        return {"id": row.id}

    try:
        _check_text("input.name", input.name, NAME_CHARACTERS_MAX)
        _check_text("input.body", input.body, BODY_CHARACTERS_MAX)
        if unknown := unknown_placeholders(input.body):
            message = f"Nothing fills the placeholder {{{{{unknown[0]}}}}}."
            raise refusal("input.body", "UNKNOWN_PLACEHOLDER", message)
        async with info.context.database.writing() as session:
            claim = _claim(viewer, "createTemplate", input)
            outcome = await once(session, Idempotency, claim, lambda: create(session))
            created = await session.get_one(Template, outcome["id"])
    except InputRefusedError as refused:
        return TemplatePayload(user_errors=refused.user_errors)
    return TemplatePayload(template=TemplateType.from_row(created))


async def create_campaign(info: ServiceInfo, input: CreateCampaignInput) -> CampaignPayload:  # noqa: A002
    """Create a draft, or a scheduled campaign, over active accounts of the viewer."""
    viewer = info.context.viewer_with_role(*EDITOR_ROLES)
    try:
        _check_campaign(input)
        accounts = await ask_accounts(info, input.account_ids)
        async with info.context.database.writing() as session:
            claim = _claim(viewer, "createCampaign", input)
            outcome = await once(
                session,
                Idempotency,
                claim,
                lambda: _insert_campaign(session, viewer, input, accounts),
            )
            created = await session.get_one(Campaign, outcome["id"])
    except InputRefusedError as refused:
        return CampaignPayload(user_errors=refused.user_errors)
    return CampaignPayload(campaign=CampaignType.from_row(created))


async def record_consent(info: ServiceInfo, input: RecordConsentInput) -> ContactPayload:  # noqa: A002
    """Record that a contact opted in or out; an opt-out also stops what is still queued."""
    viewer = info.context.viewer_with_role(*EDITOR_ROLES)

    async def record(session: AsyncSession) -> dict[str, Any]:
        contact = await session.scalar(
            select(Contact)
            .where(
                Contact.id == input.contact_id, Contact.organization_id == viewer.organization_id
            )
            .with_for_update()
        )
        if contact is None:
            raise refusal("input.contactId", "CONTACT_NOT_FOUND", "There is no such contact.")
        set_consent(session, contact, input.consent, input.source, utc_now())
        await session.flush()
        return {"id": contact.id}

    try:
        _check_text("input.source", input.source, SOURCE_CHARACTERS_MAX)
        if input.consent is Consent.NONE:
            message = "Consent is recorded as OPTED_IN or OPTED_OUT."
            raise refusal("input.consent", "INVALID_CONSENT", message)
        if usable_id(input.contact_id) is None:
            raise refusal("input.contactId", "CONTACT_NOT_FOUND", "There is no such contact.")
        async with info.context.database.writing() as session:
            claim = _claim(viewer, "recordConsent", input)
            outcome = await once(session, Idempotency, claim, lambda: record(session))
            contact = await session.get_one(Contact, outcome["id"])
    except InputRefusedError as refused:
        return ContactPayload(user_errors=refused.user_errors)
    return ContactPayload(contact=ContactType.from_row(contact))


async def _insert_contacts(
    session: AsyncSession, contact_list: ContactList, contacts: list[ContactInput], now: datetime
) -> None:
    if not contacts:
        return
    ids = [new_id("cnt") for _ in contacts]
    rows = [
        {
            "id": contact_id,
            "organization_id": contact_list.organization_id,
            "name": contact.name,
            "telegram_chat_id": contact.telegram_chat_id,
            "phone_number": contact.phone_number,
            "consent": contact.consent,
            "consent_source": contact.consent_source,
            "consent_at": None if contact.consent is Consent.NONE else now,
        }
        for contact_id, contact in zip(ids, contacts, strict=True)
    ]
    await session.execute(insert(Contact), rows)
    members = [{"list_id": contact_list.id, "contact_id": contact_id} for contact_id in ids]
    await session.execute(insert(ListMember), members)
    events = [
        {
            "id": new_id("cev"),
            "contact_id": row["id"],
            "consent": row["consent"],
            "source": row["consent_source"],
            "at": now,
        }
        for row in rows
        if row["consent"] is not Consent.NONE
    ]
    if events:
        await session.execute(insert(ConsentEvent), events)


async def _insert_campaign(
    session: AsyncSession,
    viewer: Viewer,
    given: CreateCampaignInput,
    accounts: SendingAccounts,
) -> dict[str, Any]:
    channels = accounts.require_all("input.accountIds")
    await _check_owned(session, viewer, given)
    row = Campaign(
        id=new_id("cmp"),
        organization_id=viewer.organization_id,
        owner_id=viewer.user_id,
        name=given.name,
        template_id=given.template_id,
        list_id=given.contact_list_id,
        state=TaskState.DRAFT if given.scheduled_at is None else TaskState.SCHEDULED,
        created_at=utc_now(),
        scheduled_at=given.scheduled_at,
    )
    session.add(row)
    await session.flush()
    session.add_all(
        CampaignAccount(
            campaign_id=row.id, account_id=account_id, channel=channels[account_id], position=place
        )
        for place, account_id in enumerate(given.account_ids)
    )
    await session.flush()
    return {"id": row.id}


async def _check_owned(session: AsyncSession, viewer: Viewer, given: CreateCampaignInput) -> None:
    template = await session.get(Template, given.template_id)
    if template is None or template.organization_id != viewer.organization_id:
        raise refusal("input.templateId", "TEMPLATE_NOT_FOUND", "There is no such template.")
    contact_list = await session.get(ContactList, given.contact_list_id)
    if contact_list is None or contact_list.organization_id != viewer.organization_id:
        message = "There is no such contact list."
        raise refusal("input.contactListId", "CONTACT_LIST_NOT_FOUND", message)


def _check_campaign(given: CreateCampaignInput) -> None:
    _check_text("input.name", given.name, NAME_CHARACTERS_MAX)
    if not 1 <= len(given.account_ids) <= ACCOUNTS_PER_CAMPAIGN_MAX:
        message = f"A campaign has 1 to {ACCOUNTS_PER_CAMPAIGN_MAX} accounts."
        raise refusal("input.accountIds", "ACCOUNTS_OUT_OF_RANGE", message)
    if len(set(given.account_ids)) < len(given.account_ids):
        raise refusal("input.accountIds", "ACCOUNT_TWICE", "An account is named twice.")
    if any(usable_id(account_id) is None for account_id in given.account_ids):
        raise refusal("input.accountIds", "ACCOUNT_NOT_USABLE", "An id is not one of an account.")
    if usable_id(given.template_id) is None:
        raise refusal("input.templateId", "TEMPLATE_NOT_FOUND", "There is no such template.")
    if usable_id(given.contact_list_id) is None:
        message = "There is no such contact list."
        raise refusal("input.contactListId", "CONTACT_LIST_NOT_FOUND", message)
    if given.scheduled_at is not None and (
        given.scheduled_at.tzinfo is None or given.scheduled_at <= utc_now()
    ):
        message = "The time must lie in the future and name its time zone."
        raise refusal("input.scheduledAt", "INVALID_SCHEDULE", message)


def _check_contacts(contacts: list[ContactInput]) -> None:
    if len(contacts) > CONTACTS_PER_REQUEST_MAX:
        message = f"At most {CONTACTS_PER_REQUEST_MAX} contacts fit in one request."
        raise refusal("input.contacts", "TOO_MANY_CONTACTS", message)
    for place, contact in enumerate(contacts):
        field = f"input.contacts.{place}"
        _check_text(f"{field}.name", contact.name, NAME_CHARACTERS_MAX)
        chat_id, phone = contact.telegram_chat_id, contact.phone_number
        if chat_id is not None and not _TELEGRAM_CHAT_ID.fullmatch(chat_id):
            message = "A Telegram chat id is a number."
            raise refusal(f"{field}.telegramChatId", "INVALID_CHAT_ID", message)
        if phone is not None and not _PHONE_NUMBER.fullmatch(phone):
            message = "A phone number is + and 7 to 15 digits."
            raise refusal(f"{field}.phoneNumber", "INVALID_PHONE_NUMBER", message)
        if contact.consent is not Consent.NONE:
            _check_text(f"{field}.consentSource", contact.consent_source, SOURCE_CHARACTERS_MAX)


def _check_text(field: str, text: str | None, characters_max: int) -> None:
    if not text or not text.strip() or len(text) > characters_max or "\x00" in text:
        message = f"This must be text of 1 to {characters_max} characters."
        raise refusal(field, "INVALID_TEXT", message)


def _claim(viewer: Viewer, mutation: str, given: Any) -> Claim:
    return Claim(
        organization_id=viewer.organization_id,
        mutation=mutation,
        key=given.idempotency_key,
        input=asdict(given),
    )
