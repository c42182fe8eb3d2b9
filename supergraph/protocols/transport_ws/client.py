"""The client's side of one connection: what a subgraph sends becomes events.

Theory of operation. The states mirror those of `server`:

    NEW --init()--> AWAITING_ACK --connection_ack--> READY --Close--> CLOSED

The driver sends what the encoding methods return, calls `receive` once per frame and acts on the
event. A subgraph that sends what `_LEGAL` does not list is broken and the connection is closed with
4004. Results for operations that are not open are a race, not an error: they were on their way
when the operation was completed here, and are answered with `Ignored`.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias, assert_never

from supergraph.protocols.transport_ws import messages
from supergraph.protocols.transport_ws.messages import (
    Close,
    Complete,
    ConnectionAck,
    ConnectionInit,
    Error,
    Json,
    Next,
    Ping,
    Pong,
    ServerMessage,
    Subscribe,
    SubscribePayload,
)

__all__ = [
    "Acknowledged",
    "ClientConnection",
    "Completed",
    "Event",
    "Failed",
    "Ignored",
    "PingReceived",
    "ResultReceived",
]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Operations may start."""

    payload: Json | None


@dataclass(frozen=True, slots=True)
class ResultReceived:
    """One result of an operation, checked to be a JSON object and no further."""

    id: str
    payload: Json


@dataclass(frozen=True, slots=True)
class Failed:
    """The subgraph refused the operation; it is over."""

    id: str
    errors: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Completed:
    """The operation has no further results; it is over."""

    id: str


@dataclass(frozen=True, slots=True)
class PingReceived:
    """Answer with `pong`, giving the payload back."""

    payload: Json | None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to do: a pong, or something about an operation that is over."""


Event: TypeAlias = (
    Acknowledged | ResultReceived | Failed | Completed | PingReceived | Ignored | Close
)


class _State(Enum):
    NEW = auto()
    AWAITING_ACK = auto()
    READY = auto()
    CLOSED = auto()


#: The messages a server may send in each state. Some servers ping before they acknowledge.
_LEGAL: dict[_State, tuple[type[ServerMessage], ...]] = {
    _State.NEW: (Ping, Pong),
    _State.AWAITING_ACK: (ConnectionAck, Ping, Pong),
    _State.READY: (Next, Error, Complete, Ping, Pong),
    _State.CLOSED: (),
}


class ClientConnection:
    """One connection to a subgraph; never raises for what the subgraph does."""

    def __init__(self) -> None:
        self._state = _State.NEW
        self._operations: set[str] = set()
        self._close: Close | None = None

    def __repr__(self) -> str:
        return f"<ClientConnection {self._state.name}, {len(self._operations)} operations>"

    def receive(self, frame: str) -> Event:
        """What one frame means. After a `Close` every further frame means the same `Close`."""
        if self._close is not None:
            return self._close
        try:
            message = messages.decode_server_message(frame)
        except ValueError as error:
            return self.close(Close(messages.BAD_RESPONSE.code, f"Bad response: {error}"))
        if not isinstance(message, _LEGAL[self._state]):
            return self.close(messages.BAD_RESPONSE)
        return self._advance(message)

    def close(self, close: Close) -> Close:
        """Note that the connection ends; its operations are over."""
        self._state = _State.CLOSED
        self._operations.clear()
        self._close = self._close or close
        return self._close

    def init(self, payload: Json | None = None) -> str:
        """The first frame."""
        if self._state is not _State.NEW:
            raise ValueError(f"connection_init cannot be sent in state {self._state.name}")
        self._state = _State.AWAITING_ACK
        return messages.encode(ConnectionInit(payload))

    def subscribe(self, operation_id: str, payload: SubscribePayload) -> str:
        """Start an operation; only after `Acknowledged`, and under an id that is not open."""
        if self._state is not _State.READY:
            raise ValueError(f"subscribe cannot be sent in state {self._state.name}")
        if operation_id in self._operations:
            raise ValueError(f"operation {operation_id} is open already")
        frame = messages.encode(Subscribe(operation_id, payload))
        self._operations.add(operation_id)
        return frame

    def complete(self, operation_id: str) -> str | None:
        """Stop an operation; None when it is over already."""
        if operation_id not in self._operations:
            return None
        self._operations.discard(operation_id)
        return messages.encode(Complete(operation_id))

    def ping(self) -> str:
        """Ask for a sign of life."""
        return messages.encode(Ping())

    def pong(self, payload: Json | None = None) -> str:
        """Answer a ping."""
        return messages.encode(Pong(payload))

    def _advance(self, message: ServerMessage) -> Event:
        match message:
            case ConnectionAck():
                self._state = _State.READY
                return Acknowledged(message.payload)
            case Ping():
                return PingReceived(message.payload)
            case Pong():
                return Ignored()
            case Next() | Error() | Complete():
                return self._answer(message)
            case _:
                assert_never(message)

    def _answer(self, message: Next | Error | Complete) -> Event:
        if message.id not in self._operations:
            return Ignored()
        if isinstance(message, Next):
            return ResultReceived(message.id, message.payload)
        self._operations.discard(message.id)
        if isinstance(message, Error):
            return Failed(message.id, tuple(message.payload))
        return Completed(message.id)
