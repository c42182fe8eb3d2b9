"""A server that reads requests properly and answers as a test says, byte by byte."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from supergraph.traffic.http1.client import Http1Client
from supergraph.traffic.http1.target import parse_target
from supergraph.traffic.payload import OWN_HEADERS
from supergraph.traffic.settings import TransportSettings

__all__ = [
    "Behaviour",
    "Request",
    "WireServer",
    "answer_bytes",
    "client_for",
    "echo",
    "post",
    "raw",
    "wire_server",
]


@dataclass(frozen=True)
class Request:
    """A request; `connection` and `number` (on its connection) count from 1."""

    connection: int
    number: int
    head: str
    body: bytes
    writer: asyncio.StreamWriter


Behaviour = Callable[[Request], Awaitable[None]]


@dataclass
class WireServer:
    """What was asked so far; `ended` is set whenever a connection has ended.

    `stop` ends it before its time: it refuses connections from then on.
    """

    address: str = ""
    port: int = 0
    stop: Callable[[], None] = lambda: None
    connections: int = 0
    requests: list[Request] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def wire_server(
    behave: Behaviour,
    *,
    unix_path: str | None = None,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> AsyncGenerator[WireServer, None]:
    server = WireServer()
    tasks: set[asyncio.Task[Any]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        connection = server.connections
        number = 0
        try:
            while not writer.is_closing():
                number += 1
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
                body = await reader.readexactly(length)
                request = Request(connection, number, head, body, writer)
                server.requests.append(request)
                server.arrived.set()
                await behave(request)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        except RuntimeError as error:  # what uvloop says of a connection that is gone
            if "closed" not in str(error):
                raise
        finally:
            if not writer.is_closing():
                writer.close()
            tasks.discard(task)
            server.ended.set()

    if unix_path is not None:
        listener = await asyncio.start_unix_server(handle, unix_path)
        server.address = f"unix:{unix_path}:/graphql"
    else:
        listener = await asyncio.start_server(handle, "127.0.0.1", port, ssl=tls)
        server.port = listener.sockets[0].getsockname()[1]
        server.address = f"http{'s' if tls else ''}://127.0.0.1:{server.port}/graphql"

    def stop() -> None:
        listener.close()
        for task in list(tasks):
            task.cancel()

    server.stop = stop
    try:
        yield server
    finally:
        stop()
        await asyncio.gather(*tasks, return_exceptions=True)


def answer_bytes(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 {status}\r\n{lines}content-length: {len(body)}\r\n\r\n".encode() + body


def raw(answer: bytes, *, closes: bool = False) -> Behaviour:
    """Answer every request with the same bytes."""

    async def behave(request: Request) -> None:
        request.writer.write(answer)
        if closes:
            request.writer.close()

    return behave


async def echo(request: Request) -> None:
    request.writer.write(answer_bytes(request.body))


@asynccontextmanager
async def client_for(
    address: str, *, tls: ssl.SSLContext | None = None, **settings: Any
) -> AsyncGenerator[Http1Client, None]:
    client = Http1Client(parse_target(address), TransportSettings(**settings), OWN_HEADERS, tls)
    try:
        yield client
    finally:
        await client.close()


async def post(
    client: Http1Client,
    body: bytes = b"{}",
    *,
    seconds: float = 5.0,
    repeats: bool = True,
    shares: bool = False,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    return await client.post(
        body,
        headers or {},
        timeout_seconds=seconds,
        is_safe_to_repeat=repeats,
        is_shareable=shares,
    )
