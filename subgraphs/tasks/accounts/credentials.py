"""What an account needs to send: the port to its owner, a cache in front of it, a fixed table.

Secrets are kept out of every repr, and no error here quotes one.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import msgspec

from subgraphs.shared.settings import SettingsError

__all__ = [
    "AccountCredentials",
    "CachedCredentials",
    "Credentials",
    "CredentialsMissingError",
    "CredentialsUnavailableError",
    "StaticCredentials",
    "TelegramCredentials",
    "WhatsAppCredentials",
    "load_credentials_file",
]

#: Accounts whose credentials are kept; the one unused for longest is asked for again.
CACHED_ACCOUNTS_MAX = 1_000
#: How long a changed token may go unnoticed. One that the platform refuses is forgotten at once.
CACHE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class TelegramCredentials:
    """A bot's token, and the secret that its webhook requests carry."""

    account_id: str
    organization_id: str
    bot_token: str = field(repr=False)
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WhatsAppCredentials:
    """A number's id at the platform and a token that may send from it."""

    account_id: str
    organization_id: str
    phone_number_id: str
    access_token: str = field(repr=False)


Credentials: TypeAlias = TelegramCredentials | WhatsAppCredentials


class CredentialsMissingError(Exception):
    """There is no such account, or it has no credentials."""


class CredentialsUnavailableError(Exception):
    """Their owner gave no answer; nothing is known about the account."""


class AccountCredentials(Protocol):
    """Answers credentials; raises `CredentialsMissingError` or `CredentialsUnavailableError`."""

    async def of(self, account_id: str) -> Credentials:
        """The credentials of an account."""

    async def of_phone_number(self, phone_number_id: str) -> Credentials:
        """The credentials of the account with this phone number id, for webhooks that name it."""


class StaticCredentials:
    """`AccountCredentials` from a table that does not change."""

    def __init__(self, table: Iterable[Credentials]) -> None:
        self._accounts = {credentials.account_id: credentials for credentials in table}
        self._numbers = {
            credentials.phone_number_id: credentials
            for credentials in self._accounts.values()
            if isinstance(credentials, WhatsAppCredentials)
        }

    async def of(self, account_id: str) -> Credentials:
        """Look it up."""
        return _present(self._accounts.get(account_id))

    async def of_phone_number(self, phone_number_id: str) -> Credentials:
        """Look it up."""
        return _present(self._numbers.get(phone_number_id))


class CachedCredentials:
    """Keeps what another `AccountCredentials` answered for a while; errors are not kept."""

    def __init__(
        self, origin: AccountCredentials, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._origin = origin
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[float, Credentials]] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Lock] = {}

    async def of(self, account_id: str) -> Credentials:
        """From memory, or asked once however many wait for it."""
        return await self._find(("account", account_id))

    async def of_phone_number(self, phone_number_id: str) -> Credentials:
        """From memory, or asked once however many wait for it."""
        return await self._find(("number", phone_number_id))

    def forget(self, account_id: str) -> None:
        """Ask again next time: the platform refused what is kept."""
        for key in [k for k, (_, c) in self._known.items() if c.account_id == account_id]:
            del self._known[key]

    async def _find(self, key: tuple[str, str]) -> Credentials:
        if (known := self._fresh(key)) is not None:
            return known
        lock = self._asking.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if (known := self._fresh(key)) is not None:
                    return known
                kind, name = key
                ask = self._origin.of if kind == "account" else self._origin.of_phone_number
                credentials = await ask(name)
                self._known[key] = (self._clock() + CACHE_SECONDS, credentials)
                if len(self._known) > CACHED_ACCOUNTS_MAX:
                    self._known.popitem(last=False)
                return credentials
        finally:
            if not lock.locked():
                self._asking.pop(key, None)

    def _fresh(self, key: tuple[str, str]) -> Credentials | None:
        expires_at, credentials = self._known.get(key, (0.0, None))
        if credentials is None or self._clock() >= expires_at:
            return None
        self._known.move_to_end(key)
        return credentials


def load_credentials_file(path: Path) -> StaticCredentials:
    """A fixed table from a JSON file `{account id: {"botToken": …} or {"accessToken": …}}`.

    For trying out and for tests; raises `SettingsError` without quoting the file.
    """
    try:
        content = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]])
        return StaticCredentials([_read_entry(name, entry) for name, entry in content.items()])
    except (OSError, msgspec.MsgspecError, KeyError, UnicodeDecodeError) as error:
        problem = f"TASKS_CREDENTIALS_FILE cannot be used ({type(error).__name__}): {path}"
    raise SettingsError(problem)


def _read_entry(account_id: str, entry: Mapping[str, Any]) -> Credentials:
    if "botToken" in entry:
        return TelegramCredentials(
            account_id, entry["organizationId"], entry["botToken"], entry["webhookSecret"]
        )
    return WhatsAppCredentials(
        account_id, entry["organizationId"], entry["phoneNumberId"], entry["accessToken"]
    )


def _present(credentials: Credentials | None) -> Credentials:
    if credentials is None:
        raise CredentialsMissingError("the account has no credentials")
    return credentials
