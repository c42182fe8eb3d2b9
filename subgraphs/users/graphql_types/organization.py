"""The Organization entity."""

from typing import Self

import strawberry

from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.ids import key_text
from subgraphs.shared.pagination import PAGE_SIZE_DEFAULT, Connection, connection_from_page
from subgraphs.users import repository
from subgraphs.users.entities import load_organization
from subgraphs.users.graphql_types.user import User
from subgraphs.users.graphql_types.wallet import Wallet
from subgraphs.users.models import OrganizationRow
from subgraphs.users.names import Plan

__all__ = ["Organization"]


@strawberry.federation.type(keys=["id"], description="A tenant: everything belongs to one.")
class Organization:
    """The viewer's organisation."""

    id: strawberry.ID
    name: str
    plan: Plan

    @strawberry.field(description="The people of the organisation, by name.")
    async def members(
        self, info: ServiceInfo, first: int | None = PAGE_SIZE_DEFAULT, after: str | None = None
    ) -> Connection[User]:
        """A page of members."""
        async with info.context.database.reading() as session:
            page = await repository.members_page(session, self.id, first, after)
        return connection_from_page(page, User.from_row)

    @strawberry.field(description="The organisation's credits.")
    async def wallet(self, info: ServiceInfo) -> Wallet:
        """The wallet; every organisation has one."""
        return Wallet.from_row(await info.context.loaders.wallets.load(self.id))

    @classmethod
    async def resolve_reference(cls, info: ServiceInfo, **representation: object) -> Self | None:
        """The organisation with the id, if it is the viewer's."""
        row = await load_organization(info, key_text(representation.get("id"), "id"))
        return None if row is None else cls.from_row(row)

    @classmethod
    def from_row(cls, row: OrganizationRow) -> Self:
        """The organisation of a table row."""
        return cls(id=strawberry.ID(row.id), name=row.name, plan=row.plan)
