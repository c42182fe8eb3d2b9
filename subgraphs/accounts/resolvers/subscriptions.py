"""The accounts service's subscriptions."""

import json
from collections.abc import AsyncGenerator
from datetime import timedelta

import strawberry

from broadcasting import Gap
from subgraphs.accounts import repository
from subgraphs.accounts.entities import load_account
from subgraphs.accounts.events import status_channel
from subgraphs.accounts.graphql_types.account import ChannelAccount, account_from_row
from subgraphs.shared.columns import utc_now
from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import ErrorCode, ServiceError

__all__ = ["Subscription"]

#: How far back a gap is read: clocks of the processes that write may differ by this much.
GAP_OVERLAP = timedelta(seconds=5)


@strawberry.type
class Subscription:
    """Live changes of sending accounts."""

    @strawberry.subscription(
        description="Each account of the organisation whose status changes, from now on."
    )
    async def account_status_changed(
        self, info: ServiceInfo, organization_id: strawberry.ID
    ) -> AsyncGenerator[ChannelAccount, None]:
        """Accounts as they are after their change.

        An account may come twice in a row with the same status when events were lost and the
        present state was read instead.
        """
        context = info.context
        if organization_id != context.viewer().organization_id:
            raise ServiceError(ErrorCode.NOT_FOUND, "There is no such organization.")
        seen_until = utc_now()
        async with context.resources.broadcast.subscribe(
            status_channel(organization_id), conflate_by=_account_id
        ) as subscriber:
            async for event in subscriber:
                read_at = utc_now()
                if isinstance(event, Gap):
                    async with context.database.reading() as session:
                        rows = await repository.accounts_changed_since(
                            session, organization_id, seen_until - GAP_OVERLAP
                        )
                else:
                    row = await load_account(info, _account_id(event.message))
                    rows = [] if row is None else [row]
                seen_until = read_at
                for row in rows:
                    yield account_from_row(row)


def _account_id(message: str) -> str:
    return str(json.loads(message)["id"])
