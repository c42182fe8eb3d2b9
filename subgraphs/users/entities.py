"""Loading the service's entities for a viewer: rows of other tenants behave as missing."""

from subgraphs.shared.context import RequestContext, ServiceInfo
from subgraphs.shared.errors import unauthenticated
from subgraphs.shared.ids import usable_id
from subgraphs.users.loaders import UsersLoaders
from subgraphs.users.models import OrganizationRow, UserRow

__all__ = ["load_organization", "load_user", "load_user_by_email", "own_organization"]


async def load_organization(info: ServiceInfo, organization_id: str) -> OrganizationRow | None:
    """The organisation, if it is the viewer's."""
    context: RequestContext[UsersLoaders] = info.context
    if organization_id != context.viewer().organization_id:
        return None
    return await context.loaders.organizations.load(organization_id)


async def own_organization(info: ServiceInfo) -> OrganizationRow:
    """The viewer's organisation; a token that outlived it is no longer valid."""
    row = await load_organization(info, info.context.viewer().organization_id)
    if row is None:
        raise unauthenticated("The organisation of this access token does not exist any more.")
    return row


async def load_user(info: ServiceInfo, user_id: str) -> UserRow | None:
    """The user, if they are a member of the viewer's organisation."""
    context: RequestContext[UsersLoaders] = info.context
    viewer = context.viewer()
    if usable_id(user_id) is None:
        return None
    return await context.loaders.users.load((viewer.organization_id, user_id))


async def load_user_by_email(info: ServiceInfo, email: str) -> UserRow | None:
    """The user with the address, if they are a member of the viewer's organisation."""
    context: RequestContext[UsersLoaders] = info.context
    key = (context.viewer().organization_id, email.lower())
    return await context.loaders.users_by_email.load(key)
