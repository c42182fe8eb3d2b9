"""The messages of graphql-transport-ws, its close codes and the limits of one connection.

Names, types and shapes are checked here in one step; which message is legal when is the business
of the two state machines. Integers of any size survive decoding, as custom scalars need them to.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

__all__ = [
    "BAD_RESPONSE",
    "CONNECTION_ACKNOWLEDGEMENT_TIMEOUT",
    "CONNECTION_INITIALISATION_TIMEOUT",
    "FORBIDDEN",
    "GOING_AWAY",
    "INTERNAL_SERVER_ERROR",
    "KEEP_ALIVE_TIMEOUT",
    "MESSAGE_TOO_BIG",
    "NORMAL",
    "SUBPROTOCOL",
    "SUBPROTOCOL_NOT_ACCEPTABLE",
    "TOO_MANY_INITIALISATION_REQUESTS",
    "UNAUTHORIZED",
    "ClientMessage",
    "Close",
    "Complete",
    "ConnectionAck",
    "ConnectionInit",
    "Error",
    "Json",
    "Limits",
    "Next",
    "Ping",
    "Pong",
    "ServerMessage",
    "Subscribe",
    "SubscribePayload",
    "close_may_pass",
    "decode_client_message",
    "decode_server_message",
    "encode",
    "encode_text",
    "explain_close",
    "invalid_message",
    "subscriber_exists",
]

SUBPROTOCOL = "graphql-transport-ws"

#: RFC 6455, 5.5.1: a close frame has room for this many bytes of reason.
REASON_BYTES_MAX = 123

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Close:
    """The connection is to be closed with this code; the reason is for people."""

    code: int
    reason: str = ""

    def __post_init__(self) -> None:
        shortened = self.reason.encode("utf-8", "replace")[:REASON_BYTES_MAX]
        object.__setattr__(self, "reason", shortened.decode("utf-8", "ignore"))


NORMAL = Close(1000, "Normal Closure")
GOING_AWAY = Close(1001, "Going away")
MESSAGE_TOO_BIG = Close(1009, "Message too big")
KEEP_ALIVE_TIMEOUT = Close(1011, "Keep-alive timeout")
BAD_RESPONSE = Close(4004, "Bad response")
UNAUTHORIZED = Close(4401, "Unauthorized")
FORBIDDEN = Close(4403, "Forbidden")
SUBPROTOCOL_NOT_ACCEPTABLE = Close(4406, "Subprotocol not acceptable")
CONNECTION_INITIALISATION_TIMEOUT = Close(4408, "Connection initialisation timeout")
TOO_MANY_INITIALISATION_REQUESTS = Close(4429, "Too many initialisation requests")
INTERNAL_SERVER_ERROR = Close(4500, "Internal server error")
CONNECTION_ACKNOWLEDGEMENT_TIMEOUT = Close(4504, "Connection acknowledgement timeout")

_MEANINGS = {
    1006: "the connection broke",
    4400: "it took a message of ours for invalid",
    4409: "it took an operation id for a duplicate",
    **{
        close.code: close.reason.lower()
        for close in (
            NORMAL,
            GOING_AWAY,
            MESSAGE_TOO_BIG,
            BAD_RESPONSE,
            UNAUTHORIZED,
            FORBIDDEN,
            SUBPROTOCOL_NOT_ACCEPTABLE,
            CONNECTION_INITIALISATION_TIMEOUT,
            TOO_MANY_INITIALISATION_REQUESTS,
            INTERNAL_SERVER_ERROR,
            CONNECTION_ACKNOWLEDGEMENT_TIMEOUT,
        )
    },
}


def invalid_message(why: str) -> Close:
    """4400: what arrived is no message of the protocol, or none of this direction."""
    return Close(4400, f"Invalid message: {why}")


def subscriber_exists(operation_id: str) -> Close:
    """4409, in the words that the protocol prescribes."""
    return Close(4409, f"Subscriber for {operation_id} already exists")


#: Codes of a server that goes away, breaks or is overloaded; it did not judge what it was asked.
_PASSING_CODES = frozenset(
    {1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014}
    | {CONNECTION_INITIALISATION_TIMEOUT.code, INTERNAL_SERVER_ERROR.code}
    | {CONNECTION_ACKNOWLEDGEMENT_TIMEOUT.code}
)


def close_may_pass(code: int | None) -> bool:
    """Whether a socket that was closed so may be opened again; None is a broken connection."""
    return code is None or code in _PASSING_CODES


def explain_close(code: int | None) -> str:
    """What a close code that a peer sent means, for error messages."""
    if code is None:
        return _MEANINGS[1006]
    meaning = _MEANINGS.get(code)
    return f"close code {code}, {meaning}" if meaning else f"close code {code}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may cost.

    `message_bytes` bounds any message and `init_bytes` the `connection_init` message, which comes
    from a stranger; `operations` bounds those that run at once. `init_seconds` is for the driver,
    which owns the clock: the time a client has for its `connection_init`.
    """

    message_bytes: int = 1_000_000
    init_bytes: int = 65_536
    operations: int = 100
    init_seconds: float = 10.0

    def __post_init__(self) -> None:
        if min(self.message_bytes, self.init_bytes, self.operations, self.init_seconds) <= 0:
            raise ValueError("every limit must be above zero")


class _Message(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True):
    """Unknown members are ignored, as JSON protocols do to be able to grow."""


class ConnectionInit(_Message, frozen=True, tag="connection_init"):
    """The client's first message; its payload is free."""

    payload: Json | None = None


class SubscribePayload(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A GraphQL request."""

    query: str
    operation_name: str | None = None
    variables: Json | None = None
    extensions: Json | None = None


class Subscribe(_Message, frozen=True, tag="subscribe"):
    """Start an operation of any kind under an id that the client chose."""

    id: str
    payload: SubscribePayload

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("an operation id is not empty")


class Complete(_Message, frozen=True, tag="complete"):
    """From the client: stop. From the server: there are no further results."""

    id: str


class Ping(_Message, frozen=True, tag="ping"):
    """Asks for a pong, in either direction."""

    payload: Json | None = None


class Pong(_Message, frozen=True, tag="pong"):
    """Answers a ping, or is sent unasked as a sign of life."""

    payload: Json | None = None


class ConnectionAck(_Message, frozen=True, tag="connection_ack"):
    """The server is ready for operations."""

    payload: Json | None = None


class Next(_Message, frozen=True, tag="next"):
    """One result of an operation."""

    id: str
    payload: Json


class Error(_Message, frozen=True, tag="error"):
    """The operation was refused; nothing follows, not even `complete`."""

    id: str
    payload: list[Json]


ClientMessage: TypeAlias = ConnectionInit | Subscribe | Complete | Ping | Pong
ServerMessage: TypeAlias = ConnectionAck | Next | Error | Complete | Ping | Pong

_client_decoder = msgspec.json.Decoder(ClientMessage)
_server_decoder = msgspec.json.Decoder(ServerMessage)
_encoder = msgspec.json.Encoder()


def decode_client_message(frame: str) -> ClientMessage:
    """A text frame that a client sent; raises ValueError saying what is wrong with it."""
    try:
        message: ClientMessage = _client_decoder.decode(frame)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return message


def decode_server_message(frame: str) -> ServerMessage:
    """A text frame that a server sent; raises ValueError saying what is wrong with it."""
    try:
        message: ServerMessage = _server_decoder.decode(frame)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return message


def encode(message: ClientMessage | ServerMessage) -> str:
    """A message as a text frame."""
    return _encoder.encode(message).decode()


def encode_text(text: str) -> str:
    """A JSON string, for frames that are put together from ready parts."""
    return _encoder.encode(text).decode()
