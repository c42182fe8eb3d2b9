"""The tasks service's queries."""

import strawberry

from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.pagination import PAGE_SIZE_DEFAULT, Connection, connection_from_page
from subgraphs.tasks import repository
from subgraphs.tasks.graphql_types.audience import ContactList, Template
from subgraphs.tasks.graphql_types.campaign import Campaign, load_campaign_row
from subgraphs.tasks.graphql_types.owners import campaigns_connection
from subgraphs.tasks.graphql_types.task import Task
from subgraphs.tasks.states import TaskState

__all__ = ["Query"]


@strawberry.type
class Query:
    """What the viewer's organisation has and does."""

    @strawberry.field(description="A task; null unless it is of the viewer's organisation.")
    async def task(self, info: ServiceInfo, id: strawberry.ID) -> Task | None:  # noqa: A002
        """One task; campaigns are the only kind so far."""
        row = await load_campaign_row(info, id)
        return None if row is None else Campaign.from_row(row)

    @strawberry.field(description="A campaign; null unless it is of the viewer's organisation.")
    async def campaign(self, info: ServiceInfo, id: strawberry.ID) -> Campaign | None:  # noqa: A002
        """One campaign."""
        row = await load_campaign_row(info, id)
        return None if row is None else Campaign.from_row(row)

    @strawberry.field(description="The organisation's campaigns, newest first.")
    async def campaigns(
        self,
        info: ServiceInfo,
        state: list[TaskState] | None = None,
        first: int | None = PAGE_SIZE_DEFAULT,
        after: str | None = None,
    ) -> Connection[Campaign]:
        """A page of campaigns."""
        return await campaigns_connection(info, (first, after), state)

    @strawberry.field(description="The organisation's contact lists.")
    async def contact_lists(
        self, info: ServiceInfo, first: int | None = PAGE_SIZE_DEFAULT, after: str | None = None
    ) -> Connection[ContactList]:
        """A page of lists."""
        organization_id = info.context.viewer().organization_id
        async with info.context.database.reading() as session:
            page = await repository.contact_lists_page(session, organization_id, first, after)
        return connection_from_page(page, ContactList.from_row)

    @strawberry.field(description="The organisation's templates.")
    async def templates(
        self, info: ServiceInfo, first: int | None = PAGE_SIZE_DEFAULT, after: str | None = None
    ) -> Connection[Template]:
        """A page of templates."""
        organization_id = info.context.viewer().organization_id
        async with info.context.database.reading() as session:
            page = await repository.templates_page(session, organization_id, first, after)
        return connection_from_page(page, Template.from_row)
