"""What a client of a subscription is told."""

from typing import Literal, TypeAlias

from supergraph.records import record

__all__ = ["HEARTBEAT", "Ended", "Heartbeat", "Item", "Published"]

Heartbeat: TypeAlias = Literal["heartbeat"]
#: Nothing happened for a while; the connection is alive.
HEARTBEAT: Heartbeat = "heartbeat"


@record
class Published:
    """A result, as the JSON that every client of the feed gets.

    `id` is where a client may go on after it; None where the source cannot go back.
    """

    payload: bytes
    id: str | None = None


@record
class Ended:
    """The last item: by the source, or by the gateway, which says why in `errors`, a JSON list."""

    errors: bytes | None = None


Item: TypeAlias = Published | Ended | Heartbeat
