"""An answer that comes in parts, whatever the words of the wire are.

https://github.com/graphql/graphql-spec/pull/1110
"""

from typing import Any

from supergraph.executor.result import ExecutionResult
from supergraph.names import ResponsePath
from supergraph.records import record

__all__ = ["DeliveredFragment", "DeliveredItems", "Delivery", "Pending", "Piece"]


@record
class Pending:
    """Something of the answer that will come: the rest of an object, or of a list, at the path."""

    id: str
    path: ResponsePath
    label: str | None


@record
class DeliveredFragment:
    """What a deferred fragment selects in one object; null if a null in it was not allowed there.

    The object has what was delivered before, and these fields. A null has errors.
    """

    pending: Pending
    data: dict[str, Any] | None
    errors: list[dict[str, Any]]

    @property
    def is_failed(self) -> bool:
        """Whether nothing of it came."""
        return self.data is None


@record
class DeliveredItems:
    """The next items of a list, from the index `start`; after the last ones it `is_over`.

    It `is_failed` if it is over because an item was null and could not be.
    """

    pending: Pending
    start: int
    items: list[Any]
    errors: list[dict[str, Any]]
    is_over: bool
    is_failed: bool


Piece = DeliveredFragment | DeliveredItems


@record
class Delivery:
    """What is sent at one moment: at first a `result`, later pieces of what was pending.

    A piece may belong into one that stands before it. What is newly `pending` may be delivered in
    the same moment. After a delivery without `has_next` there is none.
    """

    result: ExecutionResult | None
    pending: list[Pending]
    pieces: list[Piece]
    has_next: bool

    @property
    def error_count(self) -> int:
        """How many errors it tells."""
        first = 0 if self.result is None else len(self.result.errors)
        return first + sum(len(piece.errors) for piece in self.pieces)
