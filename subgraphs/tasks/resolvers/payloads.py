"""What the mutations take and answer."""

from datetime import datetime

import strawberry

from subgraphs.shared.errors import InputRefusedError, UserError
from subgraphs.tasks.graphql_types.audience import Contact, ContactList, Template
from subgraphs.tasks.graphql_types.campaign import Campaign
from subgraphs.tasks.states import Consent

__all__ = [
    "CampaignCommandInput",
    "CampaignPayload",
    "ContactInput",
    "ContactListPayload",
    "ContactPayload",
    "CreateCampaignInput",
    "CreateContactListInput",
    "CreateTemplateInput",
    "RecordConsentInput",
    "TemplatePayload",
    "refusal",
]


@strawberry.input(description="A person to add to a list. Consent holds from now.")
class ContactInput:
    """One contact; at least one address makes them reachable."""

    name: str
    telegram_chat_id: str | None = None
    phone_number: str | None = None
    consent: Consent = Consent.NONE
    consent_source: str | None = None


@strawberry.input(description="A new audience.")
class CreateContactListInput:
    """The list and its contacts."""

    name: str
    idempotency_key: str
    contacts: list[ContactInput] = strawberry.field(default_factory=list)


@strawberry.input(description="A new message text; {{name}} is the recipient's name.")
class CreateTemplateInput:
    """The template."""

    name: str
    body: str
    idempotency_key: str


@strawberry.input(description="A new campaign: a draft, or scheduled when a time is given.")
class CreateCampaignInput:
    """The campaign."""

    name: str
    template_id: strawberry.ID
    contact_list_id: strawberry.ID
    account_ids: list[strawberry.ID]
    idempotency_key: str
    scheduled_at: datetime | None = None


@strawberry.input(description="A command to one campaign.")
class CampaignCommandInput:
    """Which campaign, and a key that makes a repetition harmless."""

    campaign_id: strawberry.ID
    idempotency_key: str


@strawberry.input(description="A contact's consent and where it was given or taken back.")
class RecordConsentInput:
    """The change."""

    contact_id: strawberry.ID
    consent: Consent
    source: str
    idempotency_key: str


@strawberry.type
class ContactListPayload:
    """The list, or why there is none."""

    contact_list: ContactList | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class TemplatePayload:
    """The template, or why there is none."""

    template: Template | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class CampaignPayload:
    """The campaign as it is now, or why nothing happened."""

    campaign: Campaign | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ContactPayload:
    """The contact, or why nothing happened."""

    contact: Contact | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


def refusal(field: str | None, code: str, message: str) -> InputRefusedError:
    """A refused input, to be raised inside the mutation's transaction."""
    return InputRefusedError(UserError(field=field, code=code, message=message))
