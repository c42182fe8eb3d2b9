"""Asking the accounts service whether a campaign's accounts may send.

Asked before a transaction begins, because another service's answer may take seconds. Judged inside
it, because a request that is only repeated gets the payload of the first time, whatever has become
of the accounts since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from subgraphs.shared.context import ServiceInfo
from subgraphs.tasks.accounts.directory import AccountsUnavailableError
from subgraphs.tasks.accounts.graphql_directory import find_directory
from subgraphs.tasks.resolvers.payloads import refusal
from subgraphs.tasks.settings import load_accounts_url
from subgraphs.tasks.states import Channel

__all__ = ["SendingAccounts", "ask_accounts"]


@dataclass(frozen=True, slots=True)
class SendingAccounts:
    """The answer; `channels` is None when there was none."""

    account_ids: Sequence[str]
    channels: Mapping[str, Channel] | None

    def require_all(self, field: str) -> Mapping[str, Channel]:
        """The channel of each account; refuses the input field unless all of them may send."""
        if self.channels is None:
            message = "The accounts cannot be checked at the moment; try again."
            raise refusal(field, "ACCOUNTS_UNAVAILABLE", message)
        if unusable := [name for name in self.account_ids if name not in self.channels]:
            message = f"Not active, or not there: {', '.join(unusable)}."
            raise refusal(field, "ACCOUNT_NOT_USABLE", message)
        return self.channels


async def ask_accounts(info: ServiceInfo, account_ids: Sequence[str]) -> SendingAccounts:
    """Ask for the viewer, with the viewer's own token."""
    directory = find_directory(load_accounts_url())
    try:
        channels = await directory.channels_of(account_ids, _authorization(info))
    except AccountsUnavailableError:
        return SendingAccounts(account_ids, None)
    return SendingAccounts(account_ids, channels)


def _authorization(info: ServiceInfo) -> str:
    """The viewer's own credentials, to be passed on; on a WebSocket they came at its start."""
    if info.context.authorization is not None:
        return info.context.authorization
    params = info.context.connection_params or {}
    return next((str(v) for name, v in params.items() if name.lower() == "authorization"), "")
