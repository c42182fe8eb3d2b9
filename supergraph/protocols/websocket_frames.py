"""The frames of a WebSocket as a server reads and writes them: https://www.rfc-editor.org/rfc/rfc6455#section-5.

Without extensions, so the reserved bits are never set. Between two frames a reader holds nothing:
of thousands of connections nearly all wait.
"""

from collections.abc import Iterator
from typing import TypeAlias

from supergraph.records import record

__all__ = [
    "ClosingFrame",
    "DataMessage",
    "FrameError",
    "FrameReader",
    "PingFrame",
    "PongFrame",
    "Received",
    "binary_frame",
    "close_frame",
    "ping_frame",
    "pong_frame",
    "text_frame",
]

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_CONTROL = 0x8
_FIN = 0x80
_MASKED = 0x80
#: https://www.rfc-editor.org/rfc/rfc6455#section-5.5
_CONTROL_BYTES_MAX = 125

PROTOCOL_ERROR = 1002
NO_STATUS = 1005
INVALID_DATA = 1007
TOO_BIG = 1009
#: Codes below 3000 that a peer may send; https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 and
#: https://www.iana.org/assignments/websocket/websocket.xhtml.
_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})


class FrameError(Exception):
    """The peer broke the protocol: the connection is to be closed with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@record
class DataMessage:
    """A whole message: text, or bytes of a binary one."""

    content: str | bytes


@record
class PingFrame:
    """Answer with `pong_frame` of the payload."""

    payload: bytes


@record
class PongFrame:
    """The peer lives."""

    payload: bytes


@record
class ClosingFrame:
    """The peer sends nothing more; `NO_STATUS` where it gave no code."""

    code: int
    reason: str


Received: TypeAlias = DataMessage | PingFrame | PongFrame | ClosingFrame


class FrameReader:
    """What a client sends; a message of more than `message_bytes` is refused before it is read."""

    __slots__ = ("_is_text", "_message", "_message_bytes", "_needed", "_unread")

    def __init__(self, message_bytes: int) -> None:
        self._message_bytes = message_bytes
        self._unread: bytes | bytearray = b""
        # How much of it has to be there before there is anything to do.
        self._needed = 0
        # The parts of a message that has begun, and what it is.
        self._message: bytearray | None = None
        self._is_text = False

    def receive(self, data: bytes) -> Iterator[Received]:
        """Yield what has come whole; raises `FrameError`, after which nothing more may be read."""
        if self._unread:
            if isinstance(self._unread, bytes):
                self._unread = bytearray(self._unread)
            self._unread += data
            if len(self._unread) < self._needed:
                return
            data = bytes(self._unread)
        self._needed = 0
        position = 0
        while (frame := self._frame(data, position)) is not None:
            first, payload, position = frame
            received = self._received(first, payload)
            if received is not None:
                yield received
        self._unread = data[position:]

    def _frame(self, data: bytes, start: int) -> tuple[int, bytes, int] | None:
        """The first byte, the payload and the end of the frame that begins at `start`."""
        frame_begins = start
        if len(data) < start + 2:
            return None
        first, second = data[start], data[start + 1]
        length = second & 0x7F
        self._check(first, second, length)
        start += 2
        if length > _CONTROL_BYTES_MAX:
            size = 2 if length == 126 else 8
            if len(data) < start + size:
                return None
            length = int.from_bytes(data[start : start + size], "big")
            start += size
        if length + len(self._message or b"") > self._message_bytes:
            raise FrameError(TOO_BIG, f"over {self._message_bytes} bytes")
        begin = start + 4
        end = begin + length
        if len(data) < end:
            self._needed = end - frame_begins
            return None
        return first, _unmasked(data[begin:end], data[start:begin]), end

    def _check(self, first: int, second: int, length: int) -> None:
        kind = first & 0x0F
        if first & 0x70 or kind not in _KINDS:
            raise FrameError(PROTOCOL_ERROR, "unknown kind of frame")
        if not second & _MASKED:
            raise FrameError(PROTOCOL_ERROR, "a client's frames are masked")
        if kind & _CONTROL:
            if not first & _FIN or length > _CONTROL_BYTES_MAX:
                raise FrameError(PROTOCOL_ERROR, "a control frame is short and whole")
        elif (kind == _CONTINUATION) == (self._message is None):
            raise FrameError(PROTOCOL_ERROR, "a message goes on where none began, or begins twice")

    def _received(self, first: int, payload: bytes) -> Received | None:
        kind = first & 0x0F
        if kind == _PING:
            return PingFrame(payload)
        if kind == _PONG:
            return PongFrame(payload)
        if kind == _CLOSE:
            return _closing(payload)
        if kind != _CONTINUATION:
            self._is_text = kind == _TEXT
            if first & _FIN:
                return self._whole(payload)
        message = bytearray() if self._message is None else self._message
        message += payload
        if not first & _FIN:
            self._message = message
            return None
        self._message = None
        return self._whole(bytes(message))

    def _whole(self, content: bytes) -> DataMessage:
        return DataMessage(_text(content) if self._is_text else content)


_KINDS = frozenset({_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG})


def text_frame(text: str) -> bytes:
    """A text message."""
    payload = text.encode()
    return _head(_TEXT, len(payload)) + payload


def binary_frame(payload: bytes) -> bytes:
    """A binary message."""
    return _head(_BINARY, len(payload)) + payload


def ping_frame(payload: bytes) -> bytes:
    """Asks for a pong with the same payload."""
    return _head(_PING, len(payload)) + payload


def pong_frame(payload: bytes) -> bytes:
    """Answers a ping."""
    return _head(_PONG, len(payload)) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """The last frame; `NO_STATUS` is written as no code at all."""
    payload = b"" if code == NO_STATUS else code.to_bytes(2, "big") + reason.encode()
    return _head(_CLOSE, len(payload)) + payload


def _head(kind: int, length: int) -> bytes:
    first = _FIN | kind
    if length < 126:
        return b"%c%c" % (first, length)
    if length < 65_536:
        return b"%c\x7e%c%c" % (first, length >> 8, length & 0xFF)
    return b"%c\x7f" % first + length.to_bytes(8, "big")


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    length = len(payload)
    repeated = (mask * (length // 4 + 1))[:length]
    # As one number: a loop over bytes would be a hundred times as slow.
    number = int.from_bytes(payload, "little") ^ int.from_bytes(repeated, "little")
    return number.to_bytes(length, "little")


def _closing(payload: bytes) -> ClosingFrame:
    if not payload:
        return ClosingFrame(NO_STATUS, "")
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or not (code in _CLOSE_CODES or 3000 <= code < 5000):
        raise FrameError(PROTOCOL_ERROR, "no close code")
    return ClosingFrame(code, _text(payload[2:]))


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise FrameError(INVALID_DATA, "not UTF-8") from error
