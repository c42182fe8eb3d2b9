"""Every legal change of an account's status, and by what.

Rule: nothing else in the service decides whether a change is legal. BANNED has no way out: only
the platform lifts a ban, and that arrives as an event of its own in a later release.
"""

from enum import StrEnum

from subgraphs.accounts.names import AccountStatus

__all__ = ["TRANSITIONS", "AccountAction", "status_after"]


class AccountAction(StrEnum):
    """What may happen to an account."""

    PAUSE = "PAUSE"
    RESUME = "RESUME"
    BAN = "BAN"


TRANSITIONS: dict[tuple[AccountStatus, AccountAction], AccountStatus] = {
    (AccountStatus.ACTIVE, AccountAction.PAUSE): AccountStatus.PAUSED,
    (AccountStatus.PAUSED, AccountAction.RESUME): AccountStatus.ACTIVE,
    (AccountStatus.ACTIVE, AccountAction.BAN): AccountStatus.BANNED,
    (AccountStatus.PAUSED, AccountAction.BAN): AccountStatus.BANNED,
}


def status_after(status: AccountStatus, action: AccountAction) -> AccountStatus | None:
    """The status the action leads to; None when it is not legal now."""
    return TRANSITIONS.get((status, action))
