"""The payload that every mutation of an account answers."""

import strawberry

from subgraphs.accounts.graphql_types.account import ChannelAccount, account_from_row
from subgraphs.accounts.models import AccountRow
from subgraphs.shared.errors import InputRefusedError, UserError

__all__ = ["AccountPayload", "payload_from_row", "refusal"]


@strawberry.type(description="The account after the change, or why there was none.")
class AccountPayload:
    """An account, or user errors."""

    account: ChannelAccount | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


def payload_from_row(row: AccountRow) -> AccountPayload:
    """The payload of a change that was made."""
    return AccountPayload(account=account_from_row(row))


def refusal(field: str, code: str, message: str) -> InputRefusedError:
    """The refusal of one input field."""
    return InputRefusedError(UserError(field=field, code=code, message=message))
