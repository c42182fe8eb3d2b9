"""The server's side of one connection: what a client sends becomes events, answers become frames.

Theory of operation. A connection is in one of four states and moves forward only:

    AWAITING_INIT --connection_init--> INITIALISING --acknowledge()--> READY --Close--> CLOSED

`receive` looks a message up in `_LEGAL`; what stands there is legal in that state, anything else
closes the connection with the code the protocol names for it. The caller is the driver: it moves
frames, owns the clock and runs operations. It calls `receive` once per frame and acts on the event;
it sends what the encoding methods return. Those for a result return None when the client completed
the operation in the meantime, which is a race and no error: there is nothing to send then.

An operation's id is free again as soon as one side has completed it.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias, assert_never

from supergraph.protocols.transport_ws import messages
from supergraph.protocols.transport_ws.messages import (
    ClientMessage,
    Close,
    Complete,
    ConnectionAck,
    ConnectionInit,
    Json,
    Limits,
    Ping,
    Pong,
    Subscribe,
    SubscribePayload,
)

__all__ = [
    "Completed",
    "Event",
    "Initialised",
    "OverLimit",
    "PingReceived",
    "PongReceived",
    "ServerConnection",
    "Started",
]


@dataclass(frozen=True, slots=True)
class Initialised:
    """The client introduced itself: answer with `acknowledge`, or close with FORBIDDEN."""

    payload: Json


@dataclass(frozen=True, slots=True)
class Started:
    """Run an operation; it counts until `error` or `complete` or the client's `Completed`."""

    id: str
    payload: SubscribePayload


@dataclass(frozen=True, slots=True)
class OverLimit:
    """An operation beyond the limit; it was not started. Answer with `refusal`."""

    id: str


@dataclass(frozen=True, slots=True)
class Completed:
    """The client wants no further results; `is_running` is False when the operation had ended."""

    id: str
    is_running: bool


@dataclass(frozen=True, slots=True)
class PingReceived:
    """Answer with `pong`, giving the payload back."""

    payload: Json | None


@dataclass(frozen=True, slots=True)
class PongReceived:
    """The client lives."""

    payload: Json | None


Event: TypeAlias = (
    Initialised | Started | OverLimit | Completed | PingReceived | PongReceived | Close
)


class _State(Enum):
    AWAITING_INIT = auto()
    INITIALISING = auto()
    READY = auto()
    CLOSED = auto()


#: The messages a client may send in each state. `complete` is legal from the start because it
#: never does harm; `connection_init` and `subscribe` out of turn have close codes of their own.
_LEGAL: dict[_State, tuple[type[ClientMessage], ...]] = {
    _State.AWAITING_INIT: (ConnectionInit, Complete, Ping, Pong),
    _State.INITIALISING: (Complete, Ping, Pong),
    _State.READY: (Subscribe, Complete, Ping, Pong),
    _State.CLOSED: (),
}


class ServerConnection:
    """One client's connection; never raises for what the client does."""

    __slots__ = ("_close", "_limits", "_operations", "_state")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._state = _State.AWAITING_INIT
        # By id, how each of its results begins.
        self._operations: dict[str, str] = {}
        self._close: Close | None = None

    def __repr__(self) -> str:
        return f"<ServerConnection {self._state.name}, {len(self._operations)} operations>"

    @property
    def is_initialised(self) -> bool:
        """Whether the client's `connection_init` has come."""
        return self._state not in {_State.AWAITING_INIT, _State.CLOSED}

    def receive(self, frame: str | bytes) -> Event:
        """What one frame means. After a `Close` every further frame means the same `Close`."""
        if self._close is not None:
            return self._close
        if isinstance(frame, bytes):
            return self.close(messages.invalid_message("a binary frame"))
        if self._is_too_big(frame):
            return self.close(messages.MESSAGE_TOO_BIG)
        try:
            message = messages.decode_client_message(frame)
        except ValueError as error:
            return self.close(messages.invalid_message(str(error)))
        if not isinstance(message, _LEGAL[self._state]):
            return self.close(_out_of_turn(message))
        return self._advance(message)

    def close(self, close: Close) -> Close:
        """Note that the driver closes the connection; operations end with it."""
        self._state = _State.CLOSED
        self._operations.clear()
        self._close = self._close or close
        return self._close

    def acknowledge(self, payload: Json | None = None) -> str:
        """The frame that answers `Initialised`; operations are welcome from now on."""
        if self._state is not _State.INITIALISING:
            raise ValueError(f"nothing to acknowledge in state {self._state.name}")
        self._state = _State.READY
        return (
            _frame("connection_ack") if payload is None else messages.encode(ConnectionAck(payload))
        )

    def next(self, operation_id: str, result: bytes) -> str | None:
        """A result, given as the JSON of an execution result."""
        start = self._operations.get(operation_id)
        return None if start is None else f"{start}{result.decode()}}}"

    def error(self, operation_id: str, errors: bytes) -> str | None:
        """The end of an operation that was refused; `errors` is the JSON of a list of errors."""
        if self._operations.pop(operation_id, None) is None:
            return None
        return _frame("error", operation_id, errors)

    def complete(self, operation_id: str) -> str | None:
        """The end of an operation that has no further results."""
        if self._operations.pop(operation_id, None) is None:
            return None
        return _frame("complete", operation_id)

    def refusal(self, operation_id: str, errors: bytes) -> str:
        """The answer to `OverLimit`: `error` for an operation that was never counted."""
        return _frame("error", operation_id, errors)

    def ping(self) -> str:
        """Ask for a sign of life."""
        return _frame("ping")

    def pong(self, payload: Json | None = None) -> str:
        """Answer a ping."""
        return _frame("pong") if payload is None else messages.encode(Pong(payload))

    def _is_too_big(self, frame: str) -> bool:
        maximum = self._limits.message_bytes
        if self._state is _State.AWAITING_INIT:
            maximum = min(maximum, self._limits.init_bytes)
        # A character is one to four bytes: counting bytes is only needed between the two bounds.
        if len(frame) * 4 <= maximum:
            return False
        return len(frame) > maximum or len(frame.encode("utf-8", "surrogatepass")) > maximum

    def _advance(self, message: ClientMessage) -> Event:
        match message:
            case ConnectionInit():
                self._state = _State.INITIALISING
                return Initialised(message.payload or {})
            case Subscribe():
                return self._start(message)
            case Complete():
                is_running = self._operations.pop(message.id, None) is not None
                return Completed(message.id, is_running)
            case Ping():
                return PingReceived(message.payload)
            case Pong():
                return PongReceived(message.payload)
            case _:
                assert_never(message)

    def _start(self, message: Subscribe) -> Event:
        if message.id in self._operations:
            return self.close(messages.subscriber_exists(message.id))
        if len(self._operations) >= self._limits.operations:
            return OverLimit(message.id)
        id_ = messages.encode_text(message.id)
        self._operations[message.id] = f'{{"type":"next","id":{id_},"payload":'
        return Started(message.id, message.payload)


def _out_of_turn(message: ClientMessage) -> Close:
    if isinstance(message, Subscribe):
        return messages.UNAUTHORIZED
    if isinstance(message, ConnectionInit):
        return messages.TOO_MANY_INITIALISATION_REQUESTS
    return messages.invalid_message("out of turn")


def _frame(kind: str, operation_id: str | None = None, payload: bytes | None = None) -> str:
    """A message whose payload is JSON already: an event is encoded once, however many read it."""
    parts = [f'{{"type":"{kind}"']
    if operation_id is not None:
        parts.append(f',"id":{messages.encode_text(operation_id)}')
    if payload is not None:
        parts.append(f',"payload":{payload.decode()}')
    parts.append("}")
    return "".join(parts)
