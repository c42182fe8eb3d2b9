"""Campaign: a message to an audience over several accounts."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import bad_input
from subgraphs.shared.ids import key_text, usable_id
from subgraphs.shared.pagination import PAGE_SIZE_DEFAULT, Connection, connection_from_page
from subgraphs.tasks import repository
from subgraphs.tasks.graphql_types.audience import ContactList, Template
from subgraphs.tasks.graphql_types.channel_account import ChannelAccount, account_from_row
from subgraphs.tasks.graphql_types.delivery import Delivery
from subgraphs.tasks.graphql_types.owners import Organization, User
from subgraphs.tasks.graphql_types.task import Task, TaskProgress
from subgraphs.tasks.models import Campaign as CampaignRow
from subgraphs.tasks.plans import Plan, estimated_cost
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.states import DeliveryState, TaskKind

__all__ = ["Campaign", "load_campaign_row"]


@strawberry.federation.type(keys=["id"], description="A message to an audience.")
class Campaign(Task):
    """A campaign of the viewer's organisation."""

    name: str
    scheduled_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    rejection: str | None = strawberry.field(description="Why it was rejected.")
    row: strawberry.Private[CampaignRow]
    plan_of_organization: strawberry.Private[Plan | None] = None

    @strawberry.field(description="The text that is sent.")
    async def template(self, info: ServiceInfo) -> Template:
        """The template."""
        key = (self.row.organization_id, self.row.template_id)
        return Template.from_row(await info.context.loaders.templates.load(key))

    @strawberry.field(description="Who receives it.")
    async def audience(self, info: ServiceInfo) -> ContactList:
        """The contact list."""
        key = (self.row.organization_id, self.row.list_id)
        return ContactList.from_row(await info.context.loaders.lists.load(key))

    @strawberry.field(description="The accounts that send it.")
    async def accounts(self, info: ServiceInfo) -> list[ChannelAccount]:
        """The accounts, in the order given at creation."""
        rows = await info.context.loaders.accounts_by_campaign.load(self.row.id)
        return [account_from_row(row) for row in rows or ()]

    @strawberry.field(description="One entry per recipient, once the campaign was launched.")
    async def deliveries(
        self,
        info: ServiceInfo,
        state: DeliveryState | None = None,
        first: int | None = PAGE_SIZE_DEFAULT,
        after: str | None = None,
    ) -> Connection[Delivery]:
        """A page of deliveries."""
        async with info.context.database.reading() as session:
            page = await repository.deliveries_page(session, self.row.id, state, (first, after))
        return connection_from_page(page, Delivery.from_row)

    @strawberry.federation.field(
        requires=["organization { plan }"], description="Credits for the whole audience."
    )
    async def estimated_cost(self, info: ServiceInfo) -> int:
        """The price depends on the organisation's plan, which the gateway hands in."""
        if self.plan_of_organization is None:
            raise bad_input("estimatedCost needs the organisation's plan: ask through the gateway.")
        recipients = self.row.total
        if not self.row.is_frozen:
            recipients = await info.context.loaders.list_sizes.load(self.row.list_id) or 0
        return estimated_cost(self.plan_of_organization, recipients)

    @classmethod
    async def resolve_reference(cls, info: ServiceInfo, **representation: object) -> Self | None:
        """The campaign with the id, if it is the viewer's organisation's."""
        row = await load_campaign_row(info, key_text(representation.get("id"), "id"))
        if row is None:
            return None
        campaign = cls.from_row(row)
        campaign.plan_of_organization = _plan_in(representation)
        return campaign

    @classmethod
    def from_row(cls, row: CampaignRow, snapshot: TaskSnapshot | None = None) -> Self:
        """The campaign of a table row, with the state and numbers of a later snapshot."""
        present = snapshot or row.snapshot()
        return cls(
            id=strawberry.ID(row.id),
            kind=TaskKind.CAMPAIGN,
            state=present.state,
            is_final=present.is_final,
            sequence=present.sequence,
            progress=TaskProgress.from_snapshot(present),
            owner=User(id=strawberry.ID(row.owner_id)),
            organization=Organization(id=strawberry.ID(row.organization_id)),
            created_at=row.created_at,
            name=row.name,
            scheduled_at=row.scheduled_at,
            started_at=present.started_at,
            finished_at=present.finished_at,
            rejection=row.rejection,
            row=row,
        )


async def load_campaign_row(info: ServiceInfo, campaign_id: str) -> CampaignRow | None:
    """The row of a campaign, if it is the viewer's organisation's."""
    key = (info.context.viewer().organization_id, campaign_id)
    if usable_id(campaign_id) is None:
        return None
    row: CampaignRow | None = await info.context.loaders.campaigns.load(key)
    return row


def _plan_in(representation: dict[str, object]) -> Plan | None:
    organization = representation.get("organization")
    plan = organization.get("plan") if isinstance(organization, dict) else None
    try:
        return None if plan is None else Plan(plan)
    except ValueError as error:
        raise bad_input(f"{plan!r} is not a plan") from error
