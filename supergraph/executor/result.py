"""What an execution needs and what it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from supergraph.names import SubgraphName
from supergraph.traffic.transport import SubgraphTransport

__all__ = ["ENTITY_BATCH_MAX", "ERRORS_MAX", "ExecutionContext", "ExecutionResult"]

#: Representations in one `_entities` request; more are split over several requests.
ENTITY_BATCH_MAX = 1_000
#: Errors in one response; those that come after are dropped, the data stays complete.
ERRORS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class ExecutionContext:
    """The ways to the subgraphs and what is forwarded to them.

    `timeout_seconds` is the deadline of the whole operation; for a subscription, of each event.
    Whether what it asks `is_shareable`, and what `resume_after` means for a subscription, is told
    in `SubgraphRequest`.
    """

    transports: Mapping[SubgraphName, SubgraphTransport]
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float = 30.0
    entity_batch_max: int = ENTITY_BATCH_MAX
    is_shareable: bool = False
    resume_after: str | None = None


class ExecutionResult:
    """A GraphQL response: `data` as the client selected it, the errors, and extensions if any.

    `shaped` is the data in a form that `msgspec` encodes, where the run came to one; `data` is then
    made from it for those who look at it. `event_id` is that of the event it answers, where a
    subscription can go on after it.
    """

    __slots__ = ("_data", "errors", "event_id", "extensions", "shaped")

    def __init__(
        self,
        data: dict[str, Any] | None,
        errors: Sequence[dict[str, Any]] = (),
        *,
        shaped: Any = None,
        extensions: Mapping[str, Any] | None = None,
        event_id: str | None = None,
    ) -> None:
        self._data = data
        self.errors = list(errors)
        self.event_id = event_id
        self.shaped = shaped
        self.extensions = extensions

    def __repr__(self) -> str:
        return f"ExecutionResult(data={self.data!r}, errors={self.errors!r})"

    @property
    def data(self) -> dict[str, Any] | None:
        """Plain JSON values. Changing them changes nothing that is sent: make a new result."""
        if self._data is None and self.shaped is not None:
            self._data = msgspec.to_builtins(self.shaped)
        return self._data

    def with_data(self, data: dict[str, Any] | None) -> "ExecutionResult":
        """Other data with the same errors and extensions."""
        return ExecutionResult(
            data, self.errors, extensions=self.extensions, event_id=self.event_id
        )

    def with_errors(self, errors: Sequence[dict[str, Any]]) -> "ExecutionResult":
        """The same data with other errors."""
        return ExecutionResult(
            self._data,
            errors,
            shaped=self.shaped,
            extensions=self.extensions,
            event_id=self.event_id,
        )

    def with_extensions(self, extensions: Mapping[str, Any]) -> "ExecutionResult":
        """The same with other extensions."""
        return ExecutionResult(
            self._data,
            self.errors,
            shaped=self.shaped,
            extensions=extensions,
            event_id=self.event_id,
        )
