"""What only a real connection shows: streaming, slowness, reuse, oversized heads."""

import json
import socket
import threading
from collections.abc import Generator

import pytest
import uvicorn

from supergraph.config.gateway import GatewayConfig, LimitConfig, ServerConfig
from supergraph.server.listen import bind, uvicorn_config
from tests.server.shop import gateway

CONFIG = GatewayConfig(
    limits=LimitConfig(body_bytes=10_000, body_seconds=0.3),
    server=ServerConfig(head_bytes=4_096, head_seconds=0.5, shutdown_seconds=5),
)
HEAD = b"POST /graphql HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def address() -> Generator[tuple[str, int]]:
    """The gateway behind uvicorn exactly as `supergraph serve` puts it there."""
    listener = bind("127.0.0.1", 0, 16)
    server = uvicorn.Server(uvicorn_config(gateway(CONFIG), CONFIG))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield listener.getsockname()[:2]
    server.should_exit = True
    thread.join(10)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture
def connection(address: tuple[str, int]) -> Generator[socket.socket]:
    with socket.create_connection(address, timeout=10) as opened:
        yield opened


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one answer with a declared length."""
    reader = connection.makefile("rb")
    status = int(reader.readline().split()[1])
    headers = {}
    while line := reader.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, reader.read(int(headers["content-length"]))


def code(body: bytes) -> str:
    result: str = json.loads(body)["errors"][0]["extensions"]["code"]
    return result


def send_query(connection: socket.socket) -> None:
    body = b'{"query": "{ __typename }"}'
    connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)


def test_connection_is_reused(connection: socket.socket) -> None:
    for _ in range(3):
        send_query(connection)
        assert answer(connection)[::2] == (200, b'{"data":{"__typename":"Query"}}')


def test_declared_body_over_the_limit_is_refused_before_it_is_sent(
    connection: socket.socket,
) -> None:
    connection.sendall(HEAD + b"content-length: 1000000000\r\n\r\n")
    status, headers, body = answer(connection)

    assert (status, code(body)) == (413, "REQUEST_TOO_LARGE")
    assert headers["connection"] == "close"


def test_undeclared_body_is_cut_while_it_streams(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n")
    chunk = b"%x\r\n%s\r\n" % (1_000, b" " * 1_000)
    for _ in range(11):  # the eleventh passes the limit; the body never ends
        connection.sendall(chunk)
    status, _, body = answer(connection)

    assert (status, code(body)) == (413, "REQUEST_TOO_LARGE")


def test_body_that_does_not_arrive_is_408(connection: socket.socket) -> None:
    connection.sendall(HEAD + b'content-length: 100\r\n\r\n{"query"')
    status, _, body = answer(connection)

    assert (status, code(body)) == (408, "REQUEST_TIMEOUT")


def test_client_that_leaves_in_the_middle_harms_nobody(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as leaving:
        leaving.sendall(HEAD + b'content-length: 100\r\n\r\n{"query"')
    with socket.create_connection(address, timeout=10) as other:
        send_query(other)
        assert answer(other)[0] == 200


def test_head_over_the_limit_is_431(connection: socket.socket) -> None:
    connection.sendall(b"GET /graphql HTTP/1.1\r\nhost: gateway\r\nx-long: " + b"a" * 5_000)

    assert answer(connection)[0] == 431
    assert connection.recv(1) == b""


def test_head_that_never_ends_is_cut_off(connection: socket.socket) -> None:
    connection.sendall(b"GET /graphql HTTP/1.1\r\nhost: gate")

    assert connection.recv(1) == b""


def test_garbage_is_400(connection: socket.socket) -> None:
    connection.sendall(b"\x00\x01\x02 nonsense\r\n\r\n")

    assert connection.recv(1_000).startswith(b"HTTP/1.1 400 ")


def test_busy_port_is_an_error_at_once(address: tuple[str, int]) -> None:
    with pytest.raises(OSError, match="in use"):
        bind(*address, 16)
