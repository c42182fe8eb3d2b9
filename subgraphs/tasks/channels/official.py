"""The official channels as one: finds an account's credentials and calls its provider's API."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import assert_never

from subgraphs.tasks.accounts.credentials import (
    AccountCredentials,
    CachedCredentials,
    Credentials,
    CredentialsMissingError,
    CredentialsUnavailableError,
    TelegramCredentials,
    WhatsAppCredentials,
)
from subgraphs.tasks.channels.exchange import open_exchange
from subgraphs.tasks.channels.guarded import GuardedChannel
from subgraphs.tasks.channels.port import (
    AccountUnusable,
    MessageChannel,
    NotSent,
    OutgoingMessage,
    SendOutcome,
)
from subgraphs.tasks.channels.telegram import TelegramApi
from subgraphs.tasks.channels.whatsapp import WhatsAppApi
from subgraphs.tasks.states import Channel

__all__ = ["OfficialSettings", "open_official_channel"]

#: The share of the worker's own time limit that a request may take. What is known after a
#: request's own time limit is more than after the worker's.
REQUEST_SHARE = 0.8
CREDENTIALS_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class OfficialSettings:
    """Where the providers' APIs are."""

    telegram_url: str = "https://api.telegram.org"
    whatsapp_url: str = "https://graph.facebook.com"


class OfficialChannel:
    """A `MessageChannel` for accounts of every provider."""

    def __init__(
        self, telegram: TelegramApi, whatsapp: WhatsAppApi, credentials: CachedCredentials
    ) -> None:
        self._telegram = telegram
        self._whatsapp = whatsapp
        self._credentials = credentials

    async def send(self, message: OutgoingMessage) -> SendOutcome:
        """Send with the account's own credentials."""
        try:
            credentials = await self._credentials.of(message.account_id)
        except CredentialsMissingError:
            return AccountUnusable("NO_CREDENTIALS")
        except CredentialsUnavailableError:
            wait = CREDENTIALS_WAIT_SECONDS
            return NotSent("CREDENTIALS_UNAVAILABLE", wait, is_provider_fault=False)
        if _channel_of(credentials) is not message.channel:
            return AccountUnusable("WRONG_CREDENTIALS")
        outcome = await self._call(message, credentials)
        if isinstance(outcome, AccountUnusable):
            # Perhaps it has new ones already.
            self._credentials.forget(message.account_id)
        return outcome

    async def _call(self, message: OutgoingMessage, credentials: Credentials) -> SendOutcome:
        match credentials:
            case TelegramCredentials():
                return await self._telegram.send(message, credentials)
            case WhatsAppCredentials():
                return await self._whatsapp.send(message, credentials)
            case _:
                assert_never(credentials)


@contextlib.asynccontextmanager
async def open_official_channel(
    settings: OfficialSettings, credentials: AccountCredentials, send_timeout_seconds: float
) -> AsyncGenerator[MessageChannel]:
    """The channel, guarded by breakers, with connections that are closed at the end."""
    async with open_exchange(send_timeout_seconds * REQUEST_SHARE) as exchange:
        yield GuardedChannel(
            OfficialChannel(
                TelegramApi(exchange, settings.telegram_url),
                WhatsAppApi(exchange, settings.whatsapp_url),
                CachedCredentials(credentials),
            )
        )


def _channel_of(credentials: Credentials) -> Channel:
    return Channel.TELEGRAM if isinstance(credentials, TelegramCredentials) else Channel.WHATSAPP
