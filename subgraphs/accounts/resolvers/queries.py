"""The accounts service's queries."""

import asyncio

import strawberry

from subgraphs.accounts.entities import load_account
from subgraphs.accounts.graphql_types.account import ChannelAccount, account_from_row
from subgraphs.accounts.names import AccountStatus
from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import bad_input

__all__ = ["Query"]

ACCOUNTS_FOR_SENDING_MAX = 100


@strawberry.type
class Query:
    """What other services ask about accounts."""

    @strawberry.federation.field(
        inaccessible=True,
        description=(
            "The viewer's accounts among the ids that may send at this moment, in their order: "
            "only ACTIVE ones. For services, not for clients."
        ),
    )
    async def accounts_for_sending(
        self, info: ServiceInfo, ids: list[strawberry.ID]
    ) -> list[ChannelAccount]:
        """The active accounts; an id that is missing from the answer must not be sent from."""
        if len(ids) > ACCOUNTS_FOR_SENDING_MAX:
            raise bad_input(f"ids takes at most {ACCOUNTS_FOR_SENDING_MAX} accounts")
        info.context.viewer()  # also an empty list needs a viewer
        rows = await asyncio.gather(*(load_account(info, i) for i in dict.fromkeys(ids)))
        return [
            account_from_row(row)
            for row in rows
            if row is not None and row.status is AccountStatus.ACTIVE
        ]
