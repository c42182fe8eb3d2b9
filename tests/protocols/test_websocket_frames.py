"""Frames of a WebSocket, beside those of the library `websockets`."""

from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from supergraph.protocols import websocket_frames as frames
from supergraph.protocols.websocket_frames import (
    ClosingFrame,
    DataMessage,
    FrameError,
    FrameReader,
    PingFrame,
    PongFrame,
    Received,
)

LIMIT = 100_000
LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, LIMIT]


def numbered(_: bytes) -> str:
    """The name of a case: masks are random, names are not."""
    return "frames"


def sent(opcode: int, payload: bytes, **bits: Any) -> bytes:
    """What a client writes."""
    kind = Opcode(opcode)
    frame = Frame(kind, payload, **bits)
    return frame.serialize(mask=True)


def read(data: bytes, *, step: int = 1_000_000, limit: int = LIMIT) -> list[Received]:
    """All that stands in the bytes, as they come in parts."""
    reader = FrameReader(limit)
    parts = (data[start : start + step] for start in range(0, len(data), step))
    return [received for part in parts for received in reader.receive(part)]


def refusal(data: bytes, *, limit: int = LIMIT) -> int:
    """The code for what breaks the protocol."""
    with pytest.raises(FrameError) as error:
        read(data, limit=limit)
    return error.value.code


@pytest.mark.parametrize("length", LENGTHS)
def test_frames_are_written_as_the_library_writes_them(length: int) -> None:
    payload = b"x" * length

    assert frames.text_frame(payload.decode()) == Frame(Opcode.TEXT, payload).serialize(mask=False)
    assert frames.binary_frame(payload) == Frame(Opcode.BINARY, payload).serialize(mask=False)


def test_control_frames_are_written_as_the_library_writes_them() -> None:
    assert frames.ping_frame(b"1") == Frame(Opcode.PING, b"1").serialize(mask=False)
    assert frames.pong_frame(b"") == Frame(Opcode.PONG, b"").serialize(mask=False)
    closing = b"\x03\xe9Going away"
    assert frames.close_frame(1001, "Going away") == Frame(Opcode.CLOSE, closing).serialize(
        mask=False
    )
    assert frames.close_frame(1005) == Frame(Opcode.CLOSE, b"").serialize(mask=False)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_message_is_unmasked(length: int) -> None:
    content = bytes(number % 251 for number in range(length))

    assert read(sent(2, content)) == [DataMessage(content)]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1_000])
def test_it_does_not_matter_how_the_bytes_come(step: int) -> None:
    data = (
        sent(1, "größer".encode())
        + sent(9, b"ping")
        + sent(1, b"begun, ", fin=False)
        + sent(10, b"between")
        + sent(0, b"", fin=False)
        + sent(0, b"ended")
        + sent(2, b"\xff" * 200)
        + sent(8, b"\x03\xe8bye")
    )

    assert read(data, step=step) == [
        DataMessage("größer"),
        PingFrame(b"ping"),
        PongFrame(b"between"),
        DataMessage("begun, ended"),
        DataMessage(b"\xff" * 200),
        ClosingFrame(1000, "bye"),
    ]


def test_a_character_may_be_split_between_frames() -> None:
    assert read(sent(1, b"\xe2\x82", fin=False) + sent(0, b"\xac")) == [DataMessage("€")]


def test_a_message_may_begin_with_an_empty_frame() -> None:
    parts = [sent(1, b"", fin=False), sent(0, b"be", fin=False), sent(0, b"gun")]

    assert read(b"".join(parts)) == [DataMessage("begun")]


def test_a_close_frame_may_say_nothing() -> None:
    assert read(sent(8, b"")) == [ClosingFrame(1005, "")]


@pytest.mark.parametrize(
    "data",
    [
        frames.text_frame("unmasked"),
        b"\xc1" + sent(1, b"reserved bit")[1:],
        b"\x83" + sent(1, b"unknown kind")[1:],
        b"\x09" + sent(9, b"ping in parts")[1:],
        b"\x89\xfe" + sent(9, b"long ping")[2:],
        sent(0, b"no beginning"),
        sent(1, b"one", fin=False) + sent(1, b"another"),
        b"\x88\x81" + sent(8, b"")[2:6] + b"1",
        *(
            sent(8, code.to_bytes(2, "big"))
            for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000)
        ),
    ],
    ids=numbered,
)
def test_what_breaks_the_protocol_is_1002(data: bytes) -> None:
    assert refusal(data) == 1002


@pytest.mark.parametrize(
    "data",
    [sent(1, b"\xff"), sent(1, b"\xe2", fin=False) + sent(0, b"("), sent(8, b"\x03\xe8\xff")],
    ids=numbered,
)
def test_text_that_is_not_utf_8_is_1007(data: bytes) -> None:
    assert refusal(data) == 1007


@pytest.mark.parametrize(
    "data",
    [
        sent(2, bytes(11))[:2],  # its length alone
        sent(2, bytes(70_000))[:10],
        sent(2, bytes(6), fin=False) + sent(0, bytes(5), fin=False),
    ],
    ids=numbered,
)
def test_a_message_over_the_limit_is_1009(data: bytes) -> None:
    assert refusal(data, limit=10) == 1009


def test_what_came_before_a_broken_frame_is_read() -> None:
    reader = FrameReader(LIMIT)
    items = reader.receive(sent(1, b"first") + frames.text_frame("unmasked"))

    assert next(items) == DataMessage("first")
    with pytest.raises(FrameError):
        next(items)


def test_a_reader_that_waits_holds_nothing() -> None:
    reader = FrameReader(LIMIT)
    list(reader.receive(sent(1, b"x" * 1_000)))

    assert (reader._unread, reader._message) == (b"", None)


def test_a_large_message_that_comes_byte_by_byte_is_looked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Looking means copying what has come, which with every byte would take minutes."""
    looks = 0
    look = FrameReader._frame

    def counted(reader: FrameReader, data: bytes, start: int) -> Any:
        nonlocal looks
        looks += 1
        return look(reader, data, start)

    monkeypatch.setattr(FrameReader, "_frame", counted)
    content = "x" * LIMIT
    assert read(sent(Opcode.TEXT, content.encode()), step=1) == [DataMessage(content)]
    assert looks < 20
