"""Clients that do not read are cut off, and those that read slowly are not."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from supergraph.config.gateway import ServerConfig
from supergraph.server.listen import bind
from supergraph.server.stall_watch import StallWatch
from tests.kit.in_loop import TIME_LIMIT, until
from tests.server.test_websocket_endpoint import Served, served

REQUEST = (
    b"POST /graphql HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n"
    b"accept: %s\r\ncontent-length: 36\r\n\r\n"
    b'{"query": "subscription { pages } "}'
)
#: Longer than the 0.2 seconds that TCP takes to ask again whether a full receiver has room.
STALL_SECONDS = 1.0
STREAMS = [b"text/event-stream", b"multipart/mixed;subscriptionSpec=1.0"]


class Unread(asyncio.WriteTransport):
    """A transport of which a test says how much is unread."""

    def __init__(self, unread: int) -> None:
        super().__init__()
        self.unread = unread
        self.is_aborted = asyncio.Event()

    def get_write_buffer_size(self) -> int:
        return self.unread

    def abort(self) -> None:
        self.is_aborted.set()


async def test_what_stays_unread_is_aborted() -> None:
    transport = Unread(100)
    StallWatch(transport, 0.01).begin()

    async with asyncio.timeout(TIME_LIMIT):
        await transport.is_aborted.wait()


async def test_what_is_read_slowly_is_not() -> None:
    transport = Unread(20)
    watch = StallWatch(transport, 0.1)
    watch.begin()
    while transport.unread:
        await asyncio.sleep(0.02)
        transport.unread -= 1
        watch.begin()  # again and again: it goes on from where it was

    assert not transport.is_aborted.is_set()


async def test_an_ended_watch_aborts_nothing() -> None:
    transport = Unread(100)
    watch = StallWatch(transport, 0.01)
    watch.begin()
    watch.end()
    later = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, later.set)
    await later.wait()

    assert not transport.is_aborted.is_set()


async def test_a_lost_connection_is_not_watched() -> None:
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    theirs.close()
    writer.write(b"unread")
    writer.transport.abort()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    watch = StallWatch(writer.transport, 0.01)
    watch.begin()

    assert watch._timer is None


@asynccontextmanager
async def asked(server: Served, accept: bytes) -> AsyncGenerator[asyncio.StreamReader]:
    """With a small buffer for what is received, so that the gateway feels at once who reads."""
    host, port = server.url.removeprefix("http://").removesuffix("/graphql").split(":")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=client, limit=1)
    writer.write(REQUEST % accept)
    yield reader
    writer.transport.abort()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.parametrize("accept", STREAMS)
async def test_a_stream_that_nobody_reads_ends(accept: bytes) -> None:
    async with (
        asyncio.timeout(TIME_LIMIT),
        served(server=ServerConfig(stall_seconds=STALL_SECONDS)) as server,
        asked(server, accept),
    ):
        await until(lambda: server.counters.running == 1)
        await until(lambda: server.counters.running == 0)


async def test_a_stream_that_is_read_slowly_goes_on() -> None:
    async with (
        asyncio.timeout(TIME_LIMIT),
        served(server=ServerConfig(stall_seconds=STALL_SECONDS)) as server,
        asked(server, STREAMS[0]) as reader,
    ):
        loop = asyncio.get_running_loop()
        end = loop.time() + 2.5 * STALL_SECONDS
        while loop.time() < end:
            assert await reader.read(100_000)
            await asyncio.sleep(0.02)

        assert server.counters.running == 1


def test_clients_whose_machine_vanishes_are_noticed() -> None:
    with (
        bind("127.0.0.1", 0, 10) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
