"""Sending through the Telegram Bot API.

https://core.telegram.org/bots/api#sendmessage. A bot's token is part of the URL, so URLs are never
logged and never part of an error.
"""

from typing import Any

from subgraphs.tasks.accounts.credentials import TelegramCredentials
from subgraphs.tasks.channels.exchange import Exchange, NotWritten
from subgraphs.tasks.channels.port import (
    Accepted,
    NotSent,
    OutgoingMessage,
    Rejected,
    SendOutcome,
    UnknownOutcomeError,
)
from subgraphs.tasks.channels.telegram_errors import outcome_of_error

__all__ = ["TelegramApi"]

#: UTF-16 units in Telegram's count after parsing entities; we send none. A longer text is refused
#: here, without a request.
TEXT_CHARACTERS_MAX = 4_096
#: How long an account waits after no connection could be made.
UNREACHABLE_SECONDS = 1.0


class TelegramApi:
    """Sends messages with a bot's credentials."""

    def __init__(self, exchange: Exchange, base_url: str) -> None:
        self._exchange = exchange
        self._base_url = base_url.rstrip("/")

    async def send(self, message: OutgoingMessage, bot: TelegramCredentials) -> SendOutcome:
        """Send one message once, with `sendMessage`."""
        if len(message.text.encode("utf-16-le")) // 2 > TEXT_CHARACTERS_MAX:
            return Rejected("MESSAGE_TOO_LONG")
        payload = {"chat_id": _chat_id(message.address), "text": message.text}
        url = f"{self._base_url}/bot{bot.bot_token}/sendMessage"
        answer = await self._exchange.post(url, payload)
        if isinstance(answer, NotWritten):
            return NotSent("PROVIDER_UNREACHABLE", UNREACHABLE_SECONDS)
        if answer.body.get("ok") is True:
            return Accepted(_message_id(answer.body))
        return outcome_of_error(answer.body)


def _chat_id(address: str) -> int | str:
    # The API takes numbers as numbers; "@name" is one of a channel.
    return int(address) if address.removeprefix("-").isdecimal() else address


def _message_id(body: Any) -> str:
    try:
        result = body["result"]
        return f"{int(result['chat']['id'])}:{int(result['message_id'])}"
    except (KeyError, TypeError, ValueError):
        problem = "Telegram said ok without naming the message"
    # It was accepted, but nothing later could refer to it: for a person to look at.
    raise UnknownOutcomeError(problem)
