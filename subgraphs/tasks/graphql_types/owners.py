"""What tasks adds to the entities of the users service: Organization and User."""

from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import bad_input
from subgraphs.shared.ids import key_text
from subgraphs.shared.pagination import PAGE_SIZE_DEFAULT, Connection, connection_from_page
from subgraphs.tasks import repository
from subgraphs.tasks.plans import Plan
from subgraphs.tasks.states import TaskState

if TYPE_CHECKING:
    from subgraphs.tasks.graphql_types.campaign import Campaign

__all__ = ["Organization", "User"]

LazyCampaigns = Connection[
    Annotated["Campaign", strawberry.lazy("subgraphs.tasks.graphql_types.campaign")]
]


@strawberry.federation.type(keys=["id"])
class Organization:
    """The viewer's organisation."""

    id: strawberry.ID

    @strawberry.federation.field(external=True)
    def plan(self) -> Plan:
        """Known to the users service only; a gateway hands it in where a field requires it."""
        raise bad_input("Organization.plan is answered by the users service.")

    @strawberry.field(description="The organisation's campaigns, newest first.")
    async def campaigns(
        self,
        info: ServiceInfo,
        state: list[TaskState] | None = None,
        first: int | None = PAGE_SIZE_DEFAULT,
        after: str | None = None,
    ) -> LazyCampaigns:
        """A page of campaigns."""
        return await campaigns_connection(info, (first, after), state)

    @classmethod
    def resolve_reference(cls, info: ServiceInfo, **representation: object) -> Self | None:
        """The organisation with the id, if it is the viewer's."""
        organization_id = key_text(representation.get("id"), "id")
        if organization_id != info.context.viewer().organization_id:
            return None
        return cls(id=strawberry.ID(organization_id))


@strawberry.federation.type(keys=["id"])
class User:
    """A user; who belongs to the viewer's organisation is known to the users service."""

    id: strawberry.ID

    @strawberry.field(description="The tasks the user owns, newest first.")
    async def tasks(
        self,
        info: ServiceInfo,
        state: list[TaskState] | None = None,
        first: int | None = PAGE_SIZE_DEFAULT,
        after: str | None = None,
    ) -> LazyCampaigns:
        """A page of tasks; only those of the viewer's organisation exist for them."""
        return await campaigns_connection(info, (first, after), state, self.id)

    @classmethod
    def resolve_reference(cls, info: ServiceInfo, **representation: object) -> Self:
        """The user with the id."""
        info.context.viewer()
        return cls(id=strawberry.ID(key_text(representation.get("id"), "id")))


async def campaigns_connection(
    info: ServiceInfo,
    page: tuple[int | None, str | None],
    states: list[TaskState] | None = None,
    owner_id: str | None = None,
) -> "Connection[Campaign]":
    """A page of the viewer's organisation's campaigns."""
    from subgraphs.tasks.graphql_types.campaign import Campaign  # noqa: PLC0415 - a cycle of types

    viewer = info.context.viewer()
    async with info.context.database.reading() as session:
        found = await repository.campaigns_page(
            session, viewer.organization_id, page, states=states, owner_id=owner_id
        )
    return connection_from_page(found, Campaign.from_row)
