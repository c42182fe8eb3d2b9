"""A real server that misbehaves on the wire: every fault is a coded error with its name."""

import asyncio
import gzip
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.http_transport import HttpTransport
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest

NAME = SubgraphName("bad")
SETTINGS = TransportSettings(
    connect_timeout_seconds=1.0, request_timeout_seconds=0.5, response_bytes_max=1_000_000
)
BOMB = gzip.compress(b" " * 100_000_000)
Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answers(body: bytes, status: str = "200 OK", kind: str = "application/json") -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n"
            f"content-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await writer.drain()

    return behave


def sends(raw: bytes) -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return behave


async def hangs(_writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def drips(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def floods(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    for _ in range(100):  # 100 MB, if anybody took it
        writer.write(b" " * 1_000_000)
        await writer.drain()


@asynccontextmanager
async def server(behaviour: Behaviour) -> AsyncGenerator[str, None]:
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            await behaviour(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def ask(url: str) -> SubgraphReply:
    transport = HttpTransport(NAME, url, SETTINGS)
    await transport.start()
    try:
        return await transport.execute(SubgraphRequest("{ a }"))
    finally:
        await transport.close()


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        pytest.param(hangs, "SUBGRAPH_TIMEOUT", id="hangs"),
        pytest.param(drips, "SUBGRAPH_TIMEOUT", id="drips"),
        pytest.param(floods, "SUBGRAPH_RESPONSE_TOO_LARGE", id="100 MB"),
        pytest.param(sends(b""), "SUBGRAPH_UNREACHABLE", id="closes at once"),
        pytest.param(
            sends(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
            "SUBGRAPH_UNREACHABLE",
            id="closes in the body",
        ),
        pytest.param(sends(b"garbage\r\n\r\n"), "SUBGRAPH_MALFORMED_RESPONSE", id="not HTTP"),
        pytest.param(
            answers(b"<html>", "502 Bad Gateway", "text/html"), "SUBGRAPH_HTTP_ERROR", id="502"
        ),
        pytest.param(
            answers(b"<html>", kind="text/html"), "SUBGRAPH_MALFORMED_RESPONSE", id="html"
        ),
        pytest.param(answers(b'{"data": {'), "SUBGRAPH_MALFORMED_RESPONSE", id="cut JSON"),
        pytest.param(answers(b"[" * 100_000), "SUBGRAPH_MALFORMED_RESPONSE", id="deep JSON"),
        pytest.param(answers(b"[]"), "SUBGRAPH_MALFORMED_RESPONSE", id="a list"),
        pytest.param(answers(b"{}"), "SUBGRAPH_MALFORMED_RESPONSE", id="neither data nor errors"),
        pytest.param(answers(b'{"data": 7}'), "SUBGRAPH_MALFORMED_RESPONSE", id="data is 7"),
        pytest.param(answers(b'{"errors": "no"}'), "SUBGRAPH_MALFORMED_RESPONSE", id="errors no"),
        pytest.param(
            sends(
                b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
            ),
            "SUBGRAPH_HTTP_ERROR",
            id="redirect",
        ),
        pytest.param(
            sends(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000),
            "SUBGRAPH_RESPONSE_TOO_LARGE",
            id="head",
        ),
        pytest.param(
            sends(b"HTTP/1.1 200 OK\r\ncontent-length: 1000001\r\n\r\n"),
            "SUBGRAPH_RESPONSE_TOO_LARGE",
            id="announces too much",
        ),
        pytest.param(
            sends(
                b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%b"
                % (len(BOMB), BOMB)
            ),
            "SUBGRAPH_RESPONSE_TOO_LARGE",
            id="gzip bomb",
        ),
        pytest.param(
            sends(b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx"),
            "SUBGRAPH_MALFORMED_RESPONSE",
            id="unknown coding",
        ),
        pytest.param(
            sends(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"),
            "SUBGRAPH_MALFORMED_RESPONSE",
            id="switches protocols",
        ),
    ],
)
async def test_a_fault_on_the_wire_is_a_coded_error(behaviour: Behaviour, code: str) -> None:
    async with server(behaviour) as url:
        with pytest.raises(SubgraphError) as caught:
            await ask(url)
    assert caught.value.code.name == code
    assert caught.value.service_name == NAME
    assert '"bad"' in caught.value.message
    assert "127.0.0.1" not in caught.value.message


async def test_a_closed_port_is_unreachable() -> None:
    async with server(hangs) as url:
        pass
    with pytest.raises(SubgraphError) as caught:
        await ask(url)
    assert caught.value.code.name == "SUBGRAPH_UNREACHABLE"


async def test_a_request_error_with_4xx_is_a_result() -> None:
    body = b'{"errors": [{"message": "no such field"}]}'
    async with server(answers(body, "400 Bad Request", "application/graphql-response+json")) as url:
        reply = await ask(url)
    assert reply.data is None
    assert reply.errors == ({"message": "no such field"},)


async def test_errors_in_a_wrong_form_are_still_errors() -> None:
    async with server(answers(b'{"data": null, "errors": ["plain", 7, {"no": "message"}]}')) as url:
        reply = await ask(url)
    assert [error["message"] for error in reply.errors] == [
        "plain",
        "The subgraph reported an error.",
        "The subgraph reported an error.",
    ]


async def test_integers_over_64_bits_arrive_as_they_were_sent() -> None:
    async with server(answers(b'{"data": {"big": 12345678901234567890123}}')) as url:
        reply = await ask(url)
    assert reply.data == {"big": 12345678901234567890123}


async def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    with pytest.raises(SubgraphError) as caught:
        await ask("http://no-such-host.invalid/graphql")
    assert caught.value.code.name == "SUBGRAPH_UNREACHABLE"
    assert "invalid" not in caught.value.message


async def test_a_header_that_would_smuggle_another_is_not_sent() -> None:
    transport = HttpTransport(NAME, "http://127.0.0.1:1/", SETTINGS)
    await transport.start()
    with pytest.raises(SubgraphError) as caught:
        await transport.execute(SubgraphRequest("{ a }", headers={"x-a": "1\r\nx-admin: 1"}))
    await transport.close()
    assert caught.value.code.name == "INVALID_FORWARDED_HEADER"
    assert "x-a " in caught.value.message
    assert "admin" not in caught.value.message


@pytest.mark.parametrize("deep", [True, False])
async def test_a_value_that_cannot_be_written_is_not_sent(deep: bool) -> None:
    value: object = "half a pair: \ud83d"
    for _ in range(100_000 if deep else 0):
        value = [value]
    transport = HttpTransport(NAME, "http://127.0.0.1:1/", SETTINGS)
    await transport.start()
    with pytest.raises(SubgraphError) as caught:
        await transport.execute(SubgraphRequest("{ a }", {"value": value}))
    await transport.close()
    assert caught.value.code.name == "UNSENDABLE_VALUE"
    while isinstance(value, list):  # level by level: to free all at once may overflow the stack
        [value] = value
