"""Answers in parts over `multipart/mixed`: subscriptions and incremental delivery.

https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol and
https://specs.apollo.dev/incremental/v0.1. The delimiter that ends a part is written with the part,
so that a client need not wait for the next one to see that it is whole.
"""

from typing import Final

__all__ = [
    "CONTENT_TYPE",
    "END",
    "HEARTBEAT",
    "OPENING",
    "content_type",
    "event_part",
    "interrupted_part",
    "part",
]

CONTENT_TYPE: Final = "multipart/mixed"
_DELIMITER = b"\r\n--graphql"
OPENING = _DELIMITER
END = b"--\r\n"


def content_type(specification: str) -> str:
    """The media type; the specification is a parameter such as `subscriptionSpec=1.0`."""
    return f'{CONTENT_TYPE};boundary="graphql";{specification}'


def part(body: bytes) -> bytes:
    """One part, and the delimiter behind it."""
    return b"\r\ncontent-type: application/json\r\n\r\n" + body + _DELIMITER


def event_part(payload: bytes) -> bytes:
    """A subscription's result."""
    return part(b'{"payload":' + payload + b"}")


HEARTBEAT = part(b"{}")


def interrupted_part(errors: bytes) -> bytes:
    """The gateway ends a subscription; `errors` is a JSON list."""
    return part(b'{"payload":null,"errors":' + errors + b"}")
