"""The HTTP callback protocol 1.0: what emitters send, and what subgraphs are told about it.

https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/callback-protocol
"""

from typing import Any, Final, Literal

import msgspec

__all__ = [
    "ACCEPTED",
    "HEADER",
    "CallbackMessage",
    "read_callback_message",
    "subscription_extension",
]

#: What to ask for when a subscription is opened.
ACCEPTED: Final = "application/json;callbackSpec=1.0"
#: Goes with every message and every answer to one.
HEADER: Final = ("subscription-protocol", "callback/1.0")


class CallbackMessage(msgspec.Struct, frozen=True):
    """A message of an emitter; `payload` belongs to `next` and `errors` to `complete`."""

    kind: Literal["subscription"]
    action: Literal["check", "next", "complete"]
    id: str
    verifier: str
    payload: dict[str, Any] | None = None
    errors: list[dict[str, Any]] | None = None


_decode = msgspec.json.Decoder(CallbackMessage).decode


def read_callback_message(body: bytes) -> CallbackMessage | None:
    """The message, or None for what is none."""
    try:
        message = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if message.action == "next" and message.payload is None else message


def subscription_extension(
    url: str, subscription_id: str, verifier: str, heartbeat_seconds: float
) -> dict[str, Any]:
    """The `extensions` of the request that opens a subscription."""
    return {
        "subscription": {
            "callbackUrl": url,
            "subscriptionId": subscription_id,
            "verifier": verifier,
            "heartbeatIntervalMs": round(heartbeat_seconds * 1_000),
        }
    }
