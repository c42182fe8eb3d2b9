"""Contacts, their consent, lists of them, and templates."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.context import ServiceInfo
from subgraphs.tasks.models import Contact as ContactRow
from subgraphs.tasks.models import ContactList as ContactListRow
from subgraphs.tasks.models import Template as TemplateRow
from subgraphs.tasks.states import Consent
from subgraphs.tasks.template_text import placeholders

__all__ = ["Contact", "ContactList", "Template"]


@strawberry.type(description="A person who may receive messages.")
class Contact:
    """A contact of the viewer's organisation."""

    id: strawberry.ID
    name: str
    phone_number: str | None = strawberry.federation.field(tags=["pii"])
    telegram_chat_id: str | None = strawberry.federation.field(tags=["pii"])
    consent: Consent
    consent_source: str | None
    consent_at: datetime | None

    @classmethod
    def from_row(cls, row: ContactRow) -> Self:
        """The contact of a table row."""
        return cls(
            id=strawberry.ID(row.id),
            name=row.name,
            phone_number=row.phone_number,
            telegram_chat_id=row.telegram_chat_id,
            consent=row.consent,
            consent_source=row.consent_source,
            consent_at=row.consent_at,
        )


@strawberry.type(description="A named audience.")
class ContactList:
    """A contact list of the viewer's organisation."""

    id: strawberry.ID
    name: str
    created_at: datetime

    @strawberry.field(description="How many contacts it holds, with and without consent.")
    async def size(self, info: ServiceInfo) -> int:
        """The number of contacts."""
        return await info.context.loaders.list_sizes.load(self.id) or 0

    @classmethod
    def from_row(cls, row: ContactListRow) -> Self:
        """The list of a table row."""
        return cls(id=strawberry.ID(row.id), name=row.name, created_at=row.created_at)


@strawberry.type(description="A message text with {{placeholders}}.")
class Template:
    """A template of the viewer's organisation."""

    id: strawberry.ID
    name: str
    body: str
    placeholders: list[str]
    created_at: datetime

    @classmethod
    def from_row(cls, row: TemplateRow) -> Self:
        """The template of a table row."""
        return cls(
            id=strawberry.ID(row.id),
            name=row.name,
            body=row.body,
            placeholders=placeholders(row.body),
            created_at=row.created_at,
        )
