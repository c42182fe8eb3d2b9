"""The users service's queries."""

import strawberry

from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import unauthenticated
from subgraphs.users.entities import load_organization, load_user
from subgraphs.users.graphql_types.organization import Organization
from subgraphs.users.graphql_types.user import User

__all__ = ["Query"]


@strawberry.type
class Query:
    """Who is asking, and whom they may see."""

    @strawberry.field(description="The person the access token was given to.")
    async def viewer(self, info: ServiceInfo) -> User:
        """The viewer."""
        row = await load_user(info, info.context.viewer().user_id)
        if row is None:
            raise unauthenticated("The user of this access token does not exist any more.")
        return User.from_row(row)

    @strawberry.field(description="An organisation; null unless it is the viewer's.")
    async def organization(self, info: ServiceInfo, id: strawberry.ID) -> Organization | None:  # noqa: A002
        """One organisation."""
        row = await load_organization(info, id)
        return None if row is None else Organization.from_row(row)

    @strawberry.field(description="A user; null unless they share the viewer's organisation.")
    async def user(self, info: ServiceInfo, id: strawberry.ID) -> User | None:  # noqa: A002
        """One user."""
        row = await load_user(info, id)
        return None if row is None else User.from_row(row)
