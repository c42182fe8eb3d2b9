"""The port to the accounts service: the accounts a viewer may send from."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from subgraphs.tasks.states import Channel

__all__ = ["AccountDirectory", "AccountsUnavailableError"]


class AccountsUnavailableError(Exception):
    """The accounts service gave no usable answer in time; nothing is known about the ids."""


class AccountDirectory(Protocol):
    """Answers for the viewer whose `Authorization` value is passed on."""

    async def channels_of(
        self, account_ids: Sequence[str], authorization: str
    ) -> Mapping[str, Channel]:
        """The channel of each account the viewer may send from now; others are left out."""
