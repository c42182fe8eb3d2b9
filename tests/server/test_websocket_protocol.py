"""The WebSocket server's side of ASGI, with applications and clients that behave in every way."""

import asyncio
import socket
import threading
from contextlib import suppress

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from websockets.frames import Frame, Opcode

from supergraph.protocols import websocket_frames as frames
from tests.server.test_http_cycle import read_all, read_until, serving

ACCEPT: Message = {"type": "websocket.accept"}
HEAD = {
    "host": "x",
    "upgrade": "websocket",
    "connection": "keep-alive, Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol": "one, two",
}


def handshake(method: str = "GET", **changes: str) -> bytes:
    fields = HEAD | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"{method} /a%20b?c=d HTTP/1.1\r\n{lines}\r\n".encode()


def sent(opcode: Opcode, payload: bytes) -> bytes:
    return Frame(opcode, payload).serialize(mask=True)


def text(content: str) -> Message:
    return {"type": "websocket.send", "text": content}


class Recorder:
    """An application that accepts, notes what it receives, and answers with `answers`."""

    def __init__(self, *answers: Message) -> None:
        self.scope: Scope = {}
        self.received: list[Message] = []
        self.ended = threading.Event()
        self._answers = (ACCEPT, *answers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        try:
            assert await receive() == {"type": "websocket.connect"}
            for message in self._answers:
                await send(message)
            while not self.received or self.received[-1]["type"] != "websocket.disconnect":
                self.received.append(await receive())
        finally:
            self.ended.set()


def fill(connection: socket.socket, data: bytes) -> int:
    """Send until nothing is taken any more; answers how much was."""
    written = 0
    with suppress(TimeoutError):
        while written < len(data):
            written += connection.send(data[written : written + 65_536])
    return written


def opened(connection: socket.socket) -> bytes:
    """The head of the answer; what follows it is left unread."""
    connection.sendall(handshake())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += (byte := connection.recv(1))
        assert byte, head
    return head


def test_handshake_is_answered_and_the_scope_is_that_of_a_websocket() -> None:
    accept = {"subprotocol": "two", "headers": [(b"X-A", b"b")]}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await receive()
        await send(ACCEPT | accept)

    scopes: list[Scope] = []
    with serving(app) as connection:
        head = opened(connection).decode().lower()

    assert head.startswith("http/1.1 101 ")
    # https://www.rfc-editor.org/rfc/rfc6455#section-1.3 has this key and its answer.
    assert "\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n" in head
    assert "\r\nsec-websocket-protocol: two\r\n" in head
    assert "\r\nx-a: b\r\n" in head
    assert head.count("\r\ndate: ") == 1
    scope = scopes[0]
    assert (scope["type"], scope["scheme"]) == ("websocket", "ws")
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/a b", b"/a%20b", b"c=d")
    assert scope["subprotocols"] == ["one", "two"]
    assert (b"sec-websocket-version", b"13") in scope["headers"]
    assert "method" not in scope


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (handshake(sec_websocket_version="12"), 400),
        (handshake(sec_websocket_version=""), 400),
        (handshake(sec_websocket_key=""), 400),
        (handshake(sec_websocket_key="c2hvcnQ="), 400),
        (handshake("POST", content_length="0"), 405),
    ],
)
def test_what_is_no_handshake_is_refused(request_: bytes, status: int) -> None:
    with serving(Recorder()) as connection:
        connection.sendall(request_)

        assert read_all(connection).startswith(b"HTTP/1.1 %d " % status)


def test_messages_come_in_order_and_the_end_after_them() -> None:
    app = Recorder(text("größer"), {"type": "websocket.send", "bytes": b"\xff"})
    with serving(app) as connection:
        opened(connection)
        written = frames.text_frame("größer") + frames.binary_frame(b"\xff")
        assert read_until(connection, b"\xff") == written
        connection.sendall(
            b"".join(sent(Opcode.TEXT, b"%d" % number) for number in range(100))
            + sent(Opcode.PING, b"?")
            + sent(Opcode.CLOSE, b"\x0f\xa0bye")
        )
        end = read_all(connection)
        assert app.ended.wait(10)

    assert end == frames.pong_frame(b"?") + frames.close_frame(4000)
    assert [message.get("text") for message in app.received[:-1]] == [*map(str, range(100))]
    assert app.received[-1] == {"type": "websocket.disconnect", "code": 4000, "reason": "bye"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frames.text_frame("unmasked"), 1002),
        (sent(Opcode.TEXT, b"\xff"), 1007),
        (sent(Opcode.TEXT, bytes(1_000_001))[:10], 1009),
    ],
    ids=["unmasked", "no text", "too big"],  # masks are random
)
def test_what_breaks_the_protocol_closes_with_its_code(data: bytes, code: int) -> None:
    app = Recorder()
    with serving(app) as connection:
        opened(connection)
        connection.sendall(sent(Opcode.TEXT, b"before") + data)
        assert read_all(connection)[2:4] == code.to_bytes(2, "big")
        assert app.ended.wait(10)

    assert [message.get("text", message.get("code")) for message in app.received] == [
        "before",
        code,
    ]


def test_a_connection_that_is_cut_ends_the_application() -> None:
    app = Recorder()
    with serving(app) as connection:
        opened(connection)
        connection.close()
        assert app.ended.wait(10)

    assert app.received == [{"type": "websocket.disconnect", "code": 1005, "reason": ""}]


def test_a_write_to_a_client_that_has_gone_is_an_os_error() -> None:
    errors: list[OSError] = []
    ended = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        try:
            while True:  # more than any buffer holds, so that it has to wait too
                await send(text("x" * 100_000))
        except OSError as error:
            errors.append(error)
            ended.set()

    with serving(app) as connection:
        opened(connection)
        connection.close()
        assert ended.wait(10)

    assert len(errors) == 1


def test_an_application_that_never_waits_is_told_that_its_client_has_gone() -> None:
    errors: list[OSError] = []
    accepted, gone, ended = threading.Event(), threading.Event(), threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await asyncio.sleep(0)  # it is written now
        accepted.set()
        gone.wait(10)  # and nothing else is done in this thread
        try:
            for _ in range(10_000):
                await send(text("x" * 1_000))
        except OSError as error:
            errors.append(error)
        ended.set()

    with serving(app) as connection:
        opened(connection)
        assert accepted.wait(10)
        connection.close()
        gone.set()
        assert ended.wait(10)

    assert len(errors) == 1


def test_an_answered_close_ends_the_connection_at_once() -> None:
    app = Recorder({"type": "websocket.close", "code": 4001, "reason": "enough"})
    with serving(app) as connection:
        opened(connection)
        closing = frames.close_frame(4001, "enough")
        assert read_until(connection, closing) == closing
        connection.sendall(sent(Opcode.TEXT, b"too late") + sent(Opcode.CLOSE, b"\x0f\xa1"))

        assert read_all(connection) == b""

    assert app.received == [{"type": "websocket.disconnect", "code": 4001, "reason": "enough"}]


def test_nothing_follows_a_close_frame_whatever_the_client_sends() -> None:
    with serving(Recorder({"type": "websocket.close", "code": 4001})) as connection:
        opened(connection)
        assert read_until(connection, closing := frames.close_frame(4001)) == closing
        connection.sendall(frames.text_frame("unmasked"))

        assert read_all(connection) == b""


@pytest.mark.parametrize(
    ("messages", "status"), [(({"type": "websocket.close"},), 403), ((), 500), ((text("x"),), 500)]
)
def test_what_is_not_accepted_is_refused(messages: tuple[Message, ...], status: int) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    with serving(app) as connection:
        connection.sendall(handshake())

        assert read_all(connection).startswith(b"HTTP/1.1 %d " % status)


def test_a_server_that_leaves_says_so() -> None:
    app = Recorder()
    with serving(app) as connection:
        opened(connection)
        kept = connection.dup()  # the server leaves when this block is over

    with kept:
        assert read_all(kept) == frames.close_frame(1012)
    assert app.received[-1]["code"] == 1012


def test_nothing_is_read_while_the_application_has_not_taken_what_came() -> None:
    go_on = threading.Event()
    count = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal count
        await receive()
        await send(ACCEPT)
        await asyncio.to_thread(go_on.wait, 10)
        while (await receive())["type"] == "websocket.receive":
            count += 1

    application: ASGIApp = app
    with serving(application) as connection:
        opened(connection)
        connection.settimeout(0.5)
        message = sent(Opcode.TEXT, b"x" * 100_000)
        written = fill(connection, message * 200)
        assert written < 200 * len(message)
        connection.settimeout(10)
        go_on.set()
        rest = message[written % len(message) :]
        connection.sendall(rest + sent(Opcode.CLOSE, b""))
        assert read_all(connection) == frames.close_frame(1005)

    assert count == -(-written // len(message))
