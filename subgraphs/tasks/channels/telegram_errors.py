"""What Telegram's errors mean for us.

https://core.telegram.org/bots/api#making-requests: an error has `error_code` (an HTTP status) and
`description`; "its contents are subject to change in the future", so each code ends in a row
without a phrase. The rows are tried from the top.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from subgraphs.tasks.channels.port import (
    AccountUnusable,
    AddressChanged,
    Blocked,
    Rejected,
    SendOutcome,
    Throttled,
    UnknownOutcomeError,
)

__all__ = ["ERRORS", "SERVER_FAULT", "TelegramError", "outcome_of_error"]

#: A 429 that does not say how long: the API always does, so this is only a way out.
RETRY_AFTER_DEFAULT_SECONDS = 5.0
RETRY_AFTER_SECONDS_MAX = 24 * 3600.0


class _ServerFault:
    """The fault is Telegram's, and it does not say whether the message went out."""


SERVER_FAULT = _ServerFault()

Meaning: TypeAlias = Rejected | Blocked | AccountUnusable | Throttled | _ServerFault


@dataclass(frozen=True, slots=True)
class TelegramError:
    """One row: an error code, a phrase of its description in lower case, what it means."""

    error_code: int
    phrase: str
    meaning: Meaning


ERRORS = (
    TelegramError(400, "chat not found", Rejected("CHAT_NOT_FOUND")),
    TelegramError(400, "user not found", Rejected("CHAT_NOT_FOUND")),
    TelegramError(400, "peer_id_invalid", Rejected("CHAT_NOT_FOUND")),
    TelegramError(400, "chat_id is empty", Rejected("CHAT_NOT_FOUND")),
    # The new id comes as a parameter and is read before this table is.
    TelegramError(400, "upgraded to a supergroup", Rejected("CHAT_MIGRATED")),
    TelegramError(400, "message is too long", Rejected("MESSAGE_TOO_LONG")),
    TelegramError(400, "message text is empty", Rejected("MESSAGE_EMPTY")),
    TelegramError(400, "can't parse entities", Rejected("MESSAGE_MALFORMED")),
    TelegramError(400, "not enough rights", Rejected("NO_RIGHT_TO_WRITE")),
    TelegramError(400, "have no rights to send a message", Rejected("NO_RIGHT_TO_WRITE")),
    TelegramError(400, "chat_write_forbidden", Rejected("NO_RIGHT_TO_WRITE")),
    TelegramError(400, "", Rejected("BAD_REQUEST")),
    TelegramError(401, "", AccountUnusable("TOKEN_REFUSED")),
    TelegramError(403, "bot was blocked by the user", Blocked()),
    TelegramError(403, "bot was kicked", Blocked("channel:kicked")),
    TelegramError(403, "user is deactivated", Rejected("RECIPIENT_DEACTIVATED")),
    # The person has not pressed Start, or has deleted the chat since.
    TelegramError(403, "can't initiate conversation", Rejected("NOT_STARTED")),
    TelegramError(403, "can't send messages to bots", Rejected("RECIPIENT_IS_A_BOT")),
    TelegramError(403, "not a member", Rejected("NOT_A_MEMBER")),
    TelegramError(403, "", Rejected("FORBIDDEN")),
    # A token of a wrong form is no path of the API.
    TelegramError(404, "", AccountUnusable("TOKEN_REFUSED")),
    TelegramError(413, "", Rejected("MESSAGE_TOO_LONG")),
    TelegramError(429, "", Throttled(RETRY_AFTER_DEFAULT_SECONDS)),
    TelegramError(500, "", SERVER_FAULT),
    TelegramError(502, "", SERVER_FAULT),
    TelegramError(503, "", SERVER_FAULT),
    TelegramError(504, "", SERVER_FAULT),
)


def outcome_of_error(answer: Mapping[str, Any]) -> SendOutcome:
    """What an answer with `ok: false` means; `UnknownOutcomeError` when it does not tell."""
    code = answer.get("error_code")
    description = str(answer.get("description", "")).lower()
    parameters = answer.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    if code == 400 and isinstance(moved := parameters.get("migrate_to_chat_id"), int):
        return AddressChanged(str(moved))
    rows = (r for r in ERRORS if r.error_code == code and r.phrase in description)
    row = next(rows, None)
    match SERVER_FAULT if row is None else row.meaning:
        case _ServerFault():
            raise UnknownOutcomeError(f"Telegram answered with error {code!r:.20}")
        case Throttled(retry_after_seconds=default):
            return Throttled(_seconds(parameters.get("retry_after"), default))
        case meaning:
            return meaning


def _seconds(value: object, default: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        return default
    return min(float(value), RETRY_AFTER_SECONDS_MAX)
