"""Pausing and resuming an account."""

from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import repository
from subgraphs.accounts.events import announce_status
from subgraphs.accounts.models import AccountRow, IdempotencyRow
from subgraphs.accounts.resolvers.payload import AccountPayload, payload_from_row, refusal
from subgraphs.accounts.status_table import AccountAction, status_after
from subgraphs.shared.columns import utc_now
from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import InputRefusedError
from subgraphs.shared.idempotency import Claim, once
from subgraphs.shared.ids import usable_id

__all__ = ["ChangeAccountStatusInput", "pause_account", "resume_account"]

#: Roles that may change accounts, as the users service writes them into tokens.
ROLES = ("OWNER", "OPERATOR")


@strawberry.input(description="Which account, and a key that makes a repetition harmless.")
class ChangeAccountStatusInput:
    """The account to pause or resume."""

    account_id: strawberry.ID
    idempotency_key: str


async def pause_account(info: ServiceInfo, input: ChangeAccountStatusInput) -> AccountPayload:  # noqa: A002
    """Stop sending from the account until it is resumed."""
    return await _change(info, input, AccountAction.PAUSE, "pauseAccount")


async def resume_account(info: ServiceInfo, input: ChangeAccountStatusInput) -> AccountPayload:  # noqa: A002
    """Send from a paused account again."""
    return await _change(info, input, AccountAction.RESUME, "resumeAccount")


async def _change(
    info: ServiceInfo, given: ChangeAccountStatusInput, action: AccountAction, mutation: str
) -> AccountPayload:
    viewer = info.context.viewer_with_role(*ROLES)
    resources = info.context.resources
    changed = False

    async def work() -> dict[str, Any]:
        nonlocal changed
        account = await _own_account(session, viewer.organization_id, given.account_id)
        _apply(account, action)
        changed = True
        return {"account": account.id}

    try:
        async with resources.database.writing() as session:
            claim = Claim(
                organization_id=viewer.organization_id,
                mutation=mutation,
                key=given.idempotency_key,
                input={"account": given.account_id},
            )
            outcome = await once(session, IdempotencyRow, claim, work)
            account = await session.get_one(AccountRow, outcome["account"])
    except InputRefusedError as refused:
        return AccountPayload(user_errors=refused.user_errors)
    if changed:
        await announce_status(resources.broadcast, account)
    return payload_from_row(account)


async def _own_account(session: AsyncSession, organization_id: str, account_id: str) -> AccountRow:
    account = None
    if usable_id(account_id) is not None:
        account = await repository.account_for_update(session, organization_id, account_id)
    if account is None:
        raise refusal("input.accountId", "NOT_FOUND", "There is no such account.")
    return account


def _apply(account: AccountRow, action: AccountAction) -> None:
    status = status_after(account.status, action)
    if status is None:
        raise refusal(
            "input.accountId",
            "ILLEGAL_TRANSITION",
            f"{action.value} is not possible while the account is {account.status.value}.",
        )
    account.status = status
    account.status_changed_at = utc_now()
