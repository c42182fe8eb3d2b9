"""What the WhatsApp Cloud API's errors mean for us.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes: the
`code` decides, never the HTTP status or the words. The same codes come in the answer to a request
and, for what is found out later, in a `failed` status webhook.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from subgraphs.tasks.channels.port import (
    AccountUnusable,
    Blocked,
    NotSent,
    RecipientThrottled,
    Rejected,
    SendOutcome,
    Throttled,
    UnknownOutcomeError,
)

__all__ = ["ERRORS", "SERVER_FAULT", "WhatsAppError", "outcome_of_error", "reason_of_code"]

#: The API does not say how long to wait; these are the periods its limits are counted over.
THROUGHPUT_WAIT_SECONDS = 1.0
HOURLY_LIMIT_WAIT_SECONDS = 60.0
PAIR_WAIT_SECONDS = 6.0
OUTAGE_WAIT_SECONDS = 5.0


class _ServerFault:
    """The fault is the platform's, and it does not say whether the message went out."""


SERVER_FAULT = _ServerFault()

Meaning: TypeAlias = (
    Rejected | Blocked | Throttled | RecipientThrottled | AccountUnusable | NotSent | _ServerFault
)


@dataclass(frozen=True, slots=True)
class WhatsAppError:
    """One row: the code, Meta's title for it, what it means."""

    code: int
    title: str
    meaning: Meaning


ERRORS = {
    row.code: row
    for row in (
        # Whoever sends may not.
        WhatsAppError(0, "AuthException", AccountUnusable("TOKEN_REFUSED")),
        WhatsAppError(3, "API Method", AccountUnusable("PERMISSION_MISSING")),
        WhatsAppError(10, "Permission Denied", AccountUnusable("PERMISSION_MISSING")),
        WhatsAppError(190, "Access token has expired", AccountUnusable("TOKEN_EXPIRED")),
        WhatsAppError(200, "API Permission", AccountUnusable("PERMISSION_MISSING")),
        WhatsAppError(
            368, "Temporarily blocked for policies violations", AccountUnusable("BANNED")
        ),
        WhatsAppError(131005, "Access denied", AccountUnusable("PERMISSION_MISSING")),
        WhatsAppError(131031, "Account has been locked", AccountUnusable("BANNED")),
        WhatsAppError(33, "Parameter value is not valid", AccountUnusable("NUMBER_DELETED")),
        WhatsAppError(133010, "Phone number Not Registered", AccountUnusable("NOT_REGISTERED")),
        WhatsAppError(131037, "Display name not approved", AccountUnusable("NAME_NOT_APPROVED")),
        WhatsAppError(131042, "Business eligibility payment issue", AccountUnusable("PAYMENT")),
        WhatsAppError(131045, "Incorrect certificate", AccountUnusable("NOT_REGISTERED")),
        WhatsAppError(131048, "Spam rate limit hit", AccountUnusable("QUALITY_LIMIT")),
        # Too fast.
        WhatsAppError(4, "API Too Many Calls", Throttled(HOURLY_LIMIT_WAIT_SECONDS)),
        WhatsAppError(80007, "Rate limit issues", Throttled(HOURLY_LIMIT_WAIT_SECONDS)),
        WhatsAppError(130429, "Rate limit hit", Throttled(THROUGHPUT_WAIT_SECONDS)),
        WhatsAppError(131056, "Pair rate limit hit", RecipientThrottled(PAIR_WAIT_SECONDS)),
        # The recipient.
        WhatsAppError(130472, "User's number is part of an experiment", Rejected("EXPERIMENT")),
        WhatsAppError(130497, "Country restricted", Rejected("COUNTRY_RESTRICTED")),
        WhatsAppError(131021, "Recipient cannot be sender", Rejected("RECIPIENT_IS_SENDER")),
        WhatsAppError(131026, "Message undeliverable", Rejected("UNDELIVERABLE")),
        WhatsAppError(131030, "Recipient not in allowed list", Rejected("RECIPIENT_NOT_ALLOWED")),
        WhatsAppError(131047, "Re-engagement message", Rejected("WINDOW_CLOSED")),
        WhatsAppError(131049, "Meta chose not to deliver", Rejected("NOT_DELIVERED_BY_CHOICE")),
        WhatsAppError(131050, "User has stopped marketing messages", Blocked("channel:opted_out")),
        # The message.
        WhatsAppError(100, "Invalid parameter", Rejected("INVALID_PARAMETER")),
        WhatsAppError(131008, "Required parameter is missing", Rejected("INVALID_PARAMETER")),
        WhatsAppError(131009, "Parameter value is not valid", Rejected("INVALID_PARAMETER")),
        WhatsAppError(131051, "Unsupported message type", Rejected("UNSUPPORTED_TYPE")),
        WhatsAppError(132000, "Template Param Count Mismatch", Rejected("TEMPLATE_PARAMETERS")),
        WhatsAppError(132001, "Template does not Exist", Rejected("TEMPLATE_MISSING")),
        WhatsAppError(132005, "Template Hydrated Text too long", Rejected("MESSAGE_TOO_LONG")),
        WhatsAppError(
            132007, "Template Format Character Policy Violated", Rejected("TEMPLATE_POLICY")
        ),
        WhatsAppError(
            132012, "Template Parameter Format Mismatch", Rejected("TEMPLATE_PARAMETERS")
        ),
        WhatsAppError(132015, "Template is Paused", Rejected("TEMPLATE_PAUSED")),
        WhatsAppError(132016, "Template is Disabled", Rejected("TEMPLATE_DISABLED")),
        WhatsAppError(135000, "Generic user error", Rejected("INVALID_PARAMETER")),
        # The platform: these say that the message was not sent.
        WhatsAppError(
            131000, "Something went wrong", NotSent("PROVIDER_FAULT", OUTAGE_WAIT_SECONDS)
        ),
        WhatsAppError(
            131016, "Service unavailable", NotSent("PROVIDER_FAULT", OUTAGE_WAIT_SECONDS)
        ),
        WhatsAppError(
            131057, "Account in maintenance mode", NotSent("MAINTENANCE", HOURLY_LIMIT_WAIT_SECONDS)
        ),
        WhatsAppError(
            133004, "Server Temporarily Unavailable", NotSent("PROVIDER_FAULT", OUTAGE_WAIT_SECONDS)
        ),
        # And these do not.
        WhatsAppError(1, "API Unknown", SERVER_FAULT),
        WhatsAppError(2, "API Service", SERVER_FAULT),
    )
}

#: Codes 200 to 299 are all about permissions.
PERMISSION_CODES = range(200, 300)


def outcome_of_error(answer: Mapping[str, Any], status: int) -> SendOutcome:
    """What an error answer means; `UnknownOutcomeError` when it does not tell."""
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    match _meaning(code):
        case _ServerFault():
            raise UnknownOutcomeError(f"WhatsApp answered with error {code!r:.20}")
        case None if isinstance(code, int) and 400 <= status < 500:
            # New codes appear all the time. One that comes with a client error is a refusal.
            return Rejected(f"WHATSAPP_{code}")
        case None:
            raise UnknownOutcomeError(f"WhatsApp answered with status {status} and no known error")
        case meaning:
            return meaning


def reason_of_code(code: object) -> str:
    """The reason of a delivery that failed after the API had accepted it."""
    match _meaning(code):
        case Rejected(code=reason) | AccountUnusable(code=reason) | NotSent(code=reason):
            return reason
        case Blocked():
            return "BLOCKED_BY_RECIPIENT"
        case Throttled() | RecipientThrottled():
            return "THROTTLED"
        case _:
            return f"WHATSAPP_{code}" if isinstance(code, int) else "WHATSAPP_FAILED"


def _meaning(code: object) -> Meaning | None:
    if not isinstance(code, int):
        return None
    row = ERRORS.get(200 if code in PERMISSION_CODES else code)
    return None if row is None else row.meaning
