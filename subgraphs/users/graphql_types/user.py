"""The User entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.ids import key_text
from subgraphs.users.entities import load_user, load_user_by_email, own_organization
from subgraphs.users.models import UserRow
from subgraphs.users.names import Role

if TYPE_CHECKING:
    from subgraphs.users.graphql_types.organization import Organization

__all__ = ["User"]


@strawberry.federation.type(keys=["id", "email"], description="A member of an organisation.")
class User:
    """A user of the viewer's organisation."""

    id: strawberry.ID
    email: str = strawberry.federation.field(tags=["pii"])
    display_name: str
    roles: list[Role]

    @strawberry.field
    async def organization(
        self, info: ServiceInfo
    ) -> Annotated[Organization, strawberry.lazy("subgraphs.users.graphql_types.organization")]:
        """The organisation the user belongs to."""
        from subgraphs.users.graphql_types.organization import Organization  # noqa: PLC0415

        return Organization.from_row(await own_organization(info))

    @classmethod
    async def resolve_reference(cls, info: ServiceInfo, **representation: object) -> Self | None:
        """The user with the key, by id or by e-mail address; None outside the organisation."""
        if "id" in representation:
            row = await load_user(info, key_text(representation["id"], "id"))
        else:
            row = await load_user_by_email(info, key_text(representation.get("email"), "email"))
        return None if row is None else cls.from_row(row)

    @classmethod
    def from_row(cls, row: UserRow) -> Self:
        """The user of a table row."""
        return cls(
            id=strawberry.ID(row.id),
            email=row.email,
            display_name=row.display_name,
            roles=[Role(role) for role in row.roles],
        )
