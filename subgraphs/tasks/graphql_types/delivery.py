"""One message to one recipient."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.context import ServiceInfo
from subgraphs.tasks.graphql_types.audience import Contact
from subgraphs.tasks.models import Delivery as DeliveryRow
from subgraphs.tasks.states import DeliveryState

__all__ = ["Delivery"]


@strawberry.type(description="One message of a campaign to one contact.")
class Delivery:
    """A delivery of a campaign of the viewer's organisation."""

    id: strawberry.ID
    state: DeliveryState
    reason: str | None = strawberry.field(description="Why it failed or was suppressed: a code.")
    account_id: strawberry.ID | None
    updated_at: datetime
    contact_id: strawberry.Private[str]

    @strawberry.field(description="The recipient.")
    async def contact(self, info: ServiceInfo) -> Contact:
        """The contact."""
        key = (info.context.viewer().organization_id, self.contact_id)
        return Contact.from_row(await info.context.loaders.contacts.load(key))

    @classmethod
    def from_row(cls, row: DeliveryRow) -> Self:
        """The delivery of a table row."""
        return cls(
            id=strawberry.ID(row.id),
            state=row.state,
            reason=row.reason,
            account_id=None if row.account_id is None else strawberry.ID(row.account_id),
            updated_at=row.updated_at,
            contact_id=row.contact_id,
        )
