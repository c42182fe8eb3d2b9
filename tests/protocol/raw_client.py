"""A client without a library: what it sends, and how it goes, is up to the test."""

import asyncio
import base64
import contextlib
import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from websockets.frames import Frame, Opcode

from tests.protocol.processes import Server

__all__ = ["Connection", "body_length", "connected", "operation"]


class Connection:
    """A TCP connection to a server."""

    def __init__(
        self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._host = host
        self.reader = reader
        self.writer = writer

    async def request(
        self, method: str = "GET", target: str = "/graphql", body: bytes = b"", **headers: str
    ) -> bytes:
        """Send a request, and answer the head of what comes back."""
        sent = {"host": self._host} | headers
        if body:
            sent["content-type"] = "application/json"
            sent["content-length"] = str(len(body))
        lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in sent.items()]
        self.writer.write(f"{method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + body)
        return await self.reader.readuntil(b"\r\n\r\n")

    async def upgrade(self) -> None:
        """Open a WebSocket and introduce the client."""
        head = await self.request(
            upgrade="websocket",
            connection="Upgrade",
            sec_websocket_key=base64.b64encode(os.urandom(16)).decode(),
            sec_websocket_version="13",
            sec_websocket_protocol="graphql-transport-ws",
        )
        assert head.startswith(b"HTTP/1.1 101 ")
        self.send(type="connection_init")
        await self.reader.readuntil(b'"connection_ack"}')

    def send(self, **message: Any) -> None:
        """Send a message on a WebSocket."""
        frame = Frame(Opcode.TEXT, json.dumps(message).encode())
        self.writer.write(frame.serialize(mask=True))

    def send_close(self) -> None:
        """Begin to close a WebSocket as its protocol has it."""
        frame = Frame(Opcode.CLOSE, (1000).to_bytes(2, "big"))
        self.writer.write(frame.serialize(mask=True))


@asynccontextmanager
async def connected(server: Server) -> AsyncGenerator[Connection]:
    """Leaving the block kills the connection, whatever is going on."""
    parts = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Connection(parts.netloc, reader, writer)
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def operation(query: str, **extensions: str) -> bytes:
    """The body of a request for an operation."""
    return json.dumps({"query": query, "extensions": extensions}).encode()


def body_length(head: bytes) -> int:
    """The length of the body that follows a head."""
    for line in head.decode().lower().split("\r\n"):
        name, _, value = line.partition(": ")
        if name == "content-length":
            return int(value)
    return 0
