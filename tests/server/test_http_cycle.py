"""The HTTP server's side of ASGI, with applications that behave in every way."""

import asyncio
import gc
import socket
import threading
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supergraph.config.gateway import GatewayConfig, ServerConfig
from supergraph.server.listen import bind, uvicorn_config

CONFIG = GatewayConfig(
    server=ServerConfig(keep_alive_seconds=1, head_seconds=5.0, shutdown_seconds=2)
)
GET = b"GET /a%20b?c=d HTTP/1.1\r\nhost: x\r\n\r\n"


@contextmanager
def serving(app: ASGIApp) -> Generator[socket.socket]:
    """A connection to an application behind the gateway's HTTP server."""

    async def without_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})

    listener = bind("127.0.0.1", 0, 16)
    server = uvicorn.Server(uvicorn_config(without_lifespan, CONFIG))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        with socket.create_connection(listener.getsockname()[:2], timeout=10) as connection:
            yield connection
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
        assert not thread.is_alive()


def start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def answering(*messages: Message) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


def read_until(connection: socket.socket, end: bytes) -> bytes:
    data = bytearray()
    while not data.endswith(end):
        part = connection.recv(65_536)
        assert part, data
        data += part
    return bytes(data)


def read_all(connection: socket.socket) -> bytes:
    data = b""
    while part := connection.recv(65_536):
        data += part
    return data


def length(number: int) -> tuple[bytes, bytes]:
    return b"Content-Length", b"%d" % number


def without_date(answer: bytes) -> list[bytes]:
    head = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return [line for line in head if not line.startswith(b"date: ")]


def test_whole_answer_keeps_the_connection() -> None:
    with serving(answering(start(length(2), (b"X-A", b"b")), body(b"ok"))) as connection:
        for _ in range(2):
            connection.sendall(GET)
            answer = read_until(connection, b"ok")

            assert without_date(answer) == [b"HTTP/1.1 200 OK", b"content-length: 2", b"x-a: b"]
            assert b"\r\ndate: " in answer


def test_answer_without_length_is_chunked_and_its_head_does_not_wait() -> None:
    go_on = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await asyncio.to_thread(go_on.wait, 10)
        for message in (body(b"one", more=True), body(b"", more=True), body(b"two")):
            await send(message)

    with serving(app) as connection:
        connection.sendall(GET)
        head = read_until(connection, b"\r\n\r\n")
        go_on.set()
        rest = read_until(connection, b"0\r\n\r\n")

    assert b"transfer-encoding: chunked" in head
    assert rest == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"


def test_parts_of_a_declared_length() -> None:
    app = answering(start(length(6)), body(b"one", more=True), body(b"two"))
    with serving(app) as connection:
        connection.sendall(GET)

        assert read_until(connection, b"onetwo").count(b"content-length") == 1


@pytest.mark.parametrize(("method", "status"), [(b"HEAD", 200), (b"GET", 204), (b"GET", 304)])
def test_answer_that_has_no_body(method: bytes, status: int) -> None:
    with serving(answering(start(status=status), body(b""))) as connection:
        connection.sendall(GET.replace(b"GET", method))
        answer = read_until(connection, b"\r\n\r\n")

    assert b"transfer-encoding" not in answer
    assert b"content-length" not in answer


def test_head_of_an_answer_with_a_body() -> None:
    with serving(answering(start(length(2)), body(b"ok"))) as connection:
        connection.sendall(GET.replace(b"GET", b"HEAD") + GET)
        answers = read_until(connection, b"ok")

    assert answers.count(b"content-length: 2") == 2
    assert answers.count(b"ok") == 1


def test_scope_says_what_was_asked() -> None:
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await answering(start(length(0)), body(b""))(scope, receive, send)

    with serving(app) as connection:
        connection.sendall(GET.replace(b"host: x", b"X-A: 1\r\nx-a: 2"))
        read_until(connection, b"\r\n\r\n")
    scope = scopes[0]

    assert (scope["method"], scope["path"], scope["raw_path"]) == ("GET", "/a b", b"/a%20b")
    assert (scope["query_string"], scope["http_version"]) == (b"c=d", "1.1")
    assert scope["headers"] == [(b"x-a", b"1"), (b"x-a", b"2")]
    assert scope["client"][0] == "127.0.0.1"


def test_a_request_that_is_over_does_not_wait_for_the_garbage_collector() -> None:
    class Mark:
        """Lives as long as the scope that it is put into."""

    marks: list[weakref.ref[Mark]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["mark"] = Mark()
        marks.append(weakref.ref(scope["state"]["mark"]))
        await answering(start(length(2)), body(b"ok"))(scope, receive, send)

    gc.disable()
    try:
        with serving(app) as connection:
            for _ in range(3):
                connection.sendall(GET)
                read_until(connection, b"ok")
            left = [mark() is not None for mark in marks[:2]]
    finally:
        gc.enable()

    assert left == [False, False]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    data, more = b"", True
    while more:
        message = await receive()
        data += message.get("body", b"")
        more = message.get("more_body", False)
    await answering(start(length(len(data))), body(data))(scope, receive, send)


def post(*parts: bytes) -> bytes:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def test_body_in_many_parts_and_over_the_buffer() -> None:
    parts = [b"%d" % (number % 10) * 1_000 for number in range(300)]
    with serving(echo) as connection:
        connection.sendall(post(*parts))

        assert read_until(connection, parts[-1]).endswith(b"".join(parts))


def test_pipelined_requests_are_answered_in_order() -> None:
    with serving(echo) as connection:
        connection.sendall(post(b"first") + post(b"second") + post(b"third"))
        answer = read_until(connection, b"third")

    assert answer.index(b"first") < answer.index(b"second") < answer.index(b"third")


def test_client_that_asks_may_continue() -> None:
    with serving(echo) as connection:
        head = b"POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
        connection.sendall(head)
        assert read_until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ok")

        assert read_until(connection, b"ok").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n",
    ],
)
def test_connection_ends_when_the_client_wants_it(request_: bytes) -> None:
    with serving(answering(start(length(2)), body(b"ok"))) as connection:
        connection.sendall(request_)
        answer = read_all(connection)

    assert answer.endswith(b"ok")
    assert answer.count(b"connection: close") == 1


def test_connection_ends_when_the_application_wants_it() -> None:
    headers = (length(2), (b"connection", b"Keep-Alive, Close"))
    with serving(answering(start(*headers), body(b"ok"))) as connection:
        connection.sendall(GET)

        assert read_all(connection).endswith(b"ok")


def test_pause_between_requests_is_bounded() -> None:
    with serving(answering(start(length(2)), body(b"ok"))) as connection:
        connection.sendall(GET)

        assert read_all(connection).endswith(b"ok")  # the server ends the connection


async def fail(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("hunter2")


@pytest.mark.parametrize(
    "app",
    [
        fail,
        answering(),
        answering(body(b"too early")),
        answering(start((b"x-a", b"b\r\nx-forged: 1"))),
        answering(start((b"transfer-encoding", b"chunked"), (b"x a", b"b"))),
    ],
)
def test_application_that_does_not_answer_is_500(app: ASGIApp) -> None:
    with serving(app) as connection:
        connection.sendall(GET)
        answer = read_all(connection)

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert answer.endswith(b"Internal Server Error")
    assert b"forged" not in answer


@pytest.mark.parametrize(
    "app",
    [
        answering(start(length(5)), body(b"half", more=True)),
        answering(start(length(5)), body(b"shrt")),
        answering(start(length(5)), body(b"too long")),
        answering(start(), body(b"half", more=True)),
        answering(start(), start()),
    ],
)
def test_answer_that_breaks_off_ends_the_connection(app: ASGIApp) -> None:
    with serving(app) as connection:
        connection.sendall(GET)

        assert not read_all(connection).endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("follower", [b"", GET])
def test_application_learns_that_the_client_has_left(follower: bytes) -> None:
    left = threading.Event()
    asked = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        asked.set()
        message = await receive()
        await send(start())  # nobody reads it, which is no error
        if message["type"] == "http.disconnect":
            left.set()

    with serving(app) as connection:
        connection.sendall(GET + follower)
        assert asked.wait(10)
        connection.close()

        assert left.wait(10)


def test_receive_after_the_answer_is_a_disconnect() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await echo(scope, receive, send)
        seen.append((await receive())["type"])

    with serving(app) as connection:
        connection.sendall(post(b"ok"))
        read_until(connection, b"ok")
    assert seen == ["http.disconnect"]


def test_client_that_does_not_read_stops_the_application() -> None:
    sent: list[int] = []
    part = b"x" * 1_000_000

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        for number in range(40):
            await send(body(part, more=True))
            sent.append(number)
        await send(body(b""))

    with serving(app) as connection:
        connection.sendall(GET)
        wait_for(lambda: bool(sent))
        assert len(sent) < 40
        data = read_until(connection, b"0\r\n\r\n")

    assert len(data) > 40_000_000


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen in time")
