"""Loading accounts for a viewer: those of other tenants behave as missing."""

from subgraphs.accounts.loaders import AccountsLoaders
from subgraphs.accounts.models import AccountRow
from subgraphs.shared.context import RequestContext, ServiceInfo
from subgraphs.shared.ids import usable_id

__all__ = ["load_account"]


async def load_account(info: ServiceInfo, account_id: str) -> AccountRow | None:
    """The account, if it belongs to the viewer's organisation."""
    context: RequestContext[AccountsLoaders] = info.context
    viewer = context.viewer()
    if usable_id(account_id) is None:
        return None
    return await context.loaders.accounts.load((viewer.organization_id, account_id))
