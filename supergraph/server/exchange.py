"""One request on its way through the server: its id, and what the log will say of it.

A client's or proxy's `X-Request-ID` is kept when it is short and plain, so that one id can be
followed through several systems; the answer carries it back.
"""

import os
import re
from collections.abc import Callable
from typing import Any

from starlette.types import Scope

__all__ = ["ID_HEADER", "Exchange", "exchange_of"]

ID_HEADER = b"x-request-id"
_PLAIN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Exchange:
    """A request's id, and the fields of its line in the log: `status` and what is added to it.

    `cancel_when_left` asks the server to cancel the request's task when the client leaves; it does
    nothing with a server that cannot.
    """

    __slots__ = ("cancel_when_left", "id", "said", "status")

    def __init__(self, given_id: bytes | None) -> None:
        if given_id is not None and _PLAIN_ID.fullmatch(given_id):
            self.id = given_id.decode("ascii")
        else:
            self.id = os.urandom(16).hex()
        self.status = 0
        self.cancel_when_left: Callable[[], None] = _nothing
        self.said: dict[str, Any] = {}


def _nothing() -> None:
    pass


def exchange_of(scope: Scope) -> Exchange:
    """The exchange that a connection or request belongs to."""
    state = scope.setdefault("state", {})
    exchange: Exchange | None = state.get("exchange")
    if exchange is None:  # an endpoint of ours inside of somebody else's app
        exchange = state["exchange"] = Exchange(None)
    return exchange
