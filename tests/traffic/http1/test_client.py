"""The client against a real server: reuse, waiting, stale connections, giving up."""

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from supergraph.traffic.http1.errors import ClosedEarlyError, NotHttpError, StaleConnectionError
from supergraph.traffic.http1.pool import ConnectionPool
from tests.traffic.http1.wire_server import (
    Request,
    answer_bytes,
    client_for,
    echo,
    post,
    raw,
    wire_server,
)

OK = answer_bytes(b"ok")


async def test_requests_follow_each_other_on_one_connection() -> None:
    async with wire_server(echo) as server, client_for(server.address) as client:
        for number in range(5):
            assert await post(client, b"%d" % number) == (200, b"%d" % number)
    assert server.connections == 1


async def test_a_request_has_the_head_of_its_target() -> None:
    async with wire_server(echo) as server, client_for(server.address) as client:
        await post(client, b"{}", headers={"authorization": "Bearer x"})
    lines = server.requests[0].head.split("\r\n")
    assert lines[0] == "POST /graphql HTTP/1.1"
    assert f"host: {server.address.split('/')[2]}" in lines
    assert "content-length: 2" in lines
    assert "authorization: Bearer x" in lines
    assert not [line for line in lines if line.startswith("accept-encoding")]


async def test_compression_is_asked_for_where_it_is_switched_on() -> None:
    async with (
        wire_server(echo) as server,
        client_for(server.address, accepts_compressed=True) as client,
    ):
        await post(client)
    assert "accept-encoding: gzip, deflate\r\n" in server.requests[0].head


async def test_a_unix_socket_is_a_target(tmp_path: Path) -> None:
    async with (
        wire_server(echo, unix_path=f"{tmp_path}/s.sock") as server,
        client_for(server.address) as client,
    ):
        assert await post(client, b"hello") == (200, b"hello")
    assert server.requests[0].head.startswith("POST /graphql HTTP/1.1\r\nhost: localhost\r\n")


async def test_a_large_body_arrives_whole() -> None:
    body = b"x" * 5_000_000
    async with wire_server(echo) as server, client_for(server.address) as client:
        assert await post(client, body) == (200, body)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answer_bytes(b"ok", "connection: close"), id="the server says close"),
        pytest.param(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", id="HTTP/1.0"),
        pytest.param(OK + OK, id="an answer too many"),
        pytest.param(OK + b"noise", id="noise behind the answer"),
    ],
)
async def test_a_connection_in_doubt_is_not_used_again(answer: bytes) -> None:
    async with wire_server(raw(answer)) as server, client_for(server.address) as client:
        assert await post(client) == (200, b"ok")
        assert await post(client) == (200, b"ok")
    assert server.connections == 2


async def test_an_answer_that_ends_with_the_connection_is_whole() -> None:
    behave = raw(b"HTTP/1.1 200 OK\r\n\r\nok", closes=True)
    async with wire_server(behave) as server, client_for(server.address) as client:
        assert await post(client) == (200, b"ok")


async def test_unasked_bytes_on_an_idle_connection_end_it() -> None:
    """The next request must not take them for its answer."""
    async with wire_server(echo) as server, client_for(server.address) as client:
        await post(client, b"first")
        server.ended.clear()
        server.requests[0].writer.write(answer_bytes(b"for nobody"))
        await server.ended.wait()
        assert await post(client, b"second") == (200, b"second")
    assert server.connections == 2


async def test_an_early_answer_ends_the_connection() -> None:
    """Its request is not sent to the end, and would stand in the way of the next."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer_bytes(b"", status="413 Content Too Large"))
        await connection_ended.wait()
        writer.close()

    connection_ended = asyncio.Event()
    listener = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with client_for(f"http://127.0.0.1:{port}/") as client:
        assert await post(client, b"x" * 50_000_000) == (413, b"")
        assert "slots=0" in repr(client)
        connection_ended.set()
    listener.close()


async def test_an_idle_connection_is_closed_after_its_time() -> None:
    async with wire_server(echo) as server, client_for(server.address, idle_seconds=0.02) as client:
        await post(client)
        await server.ended.wait()
        assert "slots=0" in repr(client)
        assert await post(client) == (200, b"{}")
    assert server.connections == 2


async def test_the_server_may_close_an_idle_connection() -> None:
    async with wire_server(echo) as server, client_for(server.address) as client:
        await post(client)
        server.requests[0].writer.close()
        await server.ended.wait()
        assert await post(client) == (200, b"{}")


async def closes_instead_of_a_second_answer(request: Request) -> None:
    if request.number == 2:
        request.writer.close()
    else:
        await echo(request)


async def test_a_query_on_a_stale_connection_is_sent_again() -> None:
    async with (
        wire_server(closes_instead_of_a_second_answer) as server,
        client_for(server.address) as client,
    ):
        await post(client, b"first")
        assert await post(client, b"second") == (200, b"second")
    assert [(request.connection, request.body) for request in server.requests] == [
        (1, b"first"),
        (1, b"second"),
        (2, b"second"),
    ]


async def test_a_mutation_is_never_sent_again() -> None:
    async with (
        wire_server(closes_instead_of_a_second_answer) as server,
        client_for(server.address) as client,
    ):
        await post(client, b"first")
        with pytest.raises(StaleConnectionError):
            await post(client, b"second", repeats=False)
        assert "slots=0" in repr(client)
    assert [request.body for request in server.requests] == [b"first", b"second"]


async def test_a_query_is_not_sent_again_once_an_answer_began() -> None:
    async def begins_a_second_answer(request: Request) -> None:
        request.writer.write(OK if request.number == 1 else b"H")
        if request.number == 2:
            request.writer.close()

    async with wire_server(begins_a_second_answer) as server, client_for(server.address) as client:
        await post(client)
        with pytest.raises(ClosedEarlyError):
            await post(client)
    assert len(server.requests) == 2


async def test_a_query_is_sent_again_only_once() -> None:
    async def answers_the_first_only(request: Request) -> None:
        if request.connection == 1:
            await closes_instead_of_a_second_answer(request)
        else:
            request.writer.close()

    async with wire_server(answers_the_first_only) as server, client_for(server.address) as client:
        await post(client)
        with pytest.raises(ClosedEarlyError):
            await post(client)
    assert len(server.requests) == 3


@contextmanager
def server_that_closes_after_an_answer(closed: threading.Event) -> Generator[str]:
    """It closes without having said so; `closed` is set once the end is on its way."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            connection.recv(65_536)
            connection.sendall(OK)
            connection.close()
            closed.set()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    thread.join(10)
    listener.close()


async def test_a_mutation_sees_that_its_connection_was_closed_before_it_is_sent() -> None:
    closed = threading.Event()
    with server_that_closes_after_an_answer(closed) as address:
        async with client_for(address) as client:
            await post(client)
            # The loop stands still, so the end of the connection waits in the kernel.
            assert closed.wait(10)
            assert await post(client, repeats=False) == (200, b"ok")


async def test_cancelling_a_request_closes_its_connection() -> None:
    gate = asyncio.Event()

    async def answers_late(request: Request) -> None:
        if request.body == b"first":
            await gate.wait()
        await echo(request)

    async with wire_server(answers_late) as server, client_for(server.address) as client:
        first = asyncio.create_task(post(client, b"first"))
        await server.arrived.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        gate.set()
        assert await post(client, b"second") == (200, b"second")
    assert server.connections == 2


async def test_waiting_requests_are_served_in_the_order_they_came() -> None:
    gate = asyncio.Event()

    async def waits_once(request: Request) -> None:
        await gate.wait()
        await echo(request)

    async with (
        wire_server(waits_once) as server,
        client_for(server.address, connections_max=1) as client,
    ):
        tasks = [asyncio.create_task(post(client, b"%d" % number)) for number in range(8)]
        await server.arrived.wait()
        tasks[3].cancel()
        gate.set()
        await asyncio.wait(tasks)
    assert [request.body for request in server.requests] == [b"0", b"1", b"2"] + [
        b"%d" % number for number in range(4, 8)
    ]
    assert server.connections == 1


async def test_waiting_for_a_connection_counts_towards_the_time_limit() -> None:
    async def never(_request: Request) -> None:
        await asyncio.Event().wait()

    async with (
        wire_server(never) as server,
        client_for(server.address, connections_max=1) as client,
    ):
        first = asyncio.create_task(post(client, seconds=30))
        await server.arrived.wait()
        with pytest.raises(TimeoutError):
            await post(client, seconds=0.02)
        assert "waiting=0" in repr(client)
        first.cancel()
        await asyncio.wait([first])


async def test_a_slot_of_a_broken_connection_goes_to_who_waits() -> None:
    async with (
        wire_server(raw(b"garbage\r\n\r\n")) as server,
        client_for(server.address, connections_max=1) as client,
    ):
        results = await asyncio.gather(*(post(client) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results] == [NotHttpError] * 5
    assert server.connections == 5


async def test_no_more_connections_are_open_than_allowed() -> None:
    async with wire_server(echo) as server, client_for(server.address, connections_max=3) as client:
        bodies = [b"%d" % number for number in range(100)]
        answers = await asyncio.gather(*(post(client, body) for body in bodies))
    assert [body for _, body in answers] == bodies
    assert server.connections == 3


async def test_connecting_has_a_time_limit_of_its_own() -> None:
    async def never_connects() -> None:
        await asyncio.Event().wait()

    pool = ConnectionPool(
        never_connects,  # type: ignore[arg-type] # it never answers
        connections_max=1,
        connect_seconds=0.01,
        idle_seconds=1.0,
    )
    with pytest.raises(TimeoutError):
        await pool.acquire(asyncio.get_running_loop().time() + 60)
    assert "slots=0" in repr(pool)


async def test_a_request_without_time_is_not_sent() -> None:
    async with wire_server(echo) as server, client_for(server.address) as client:
        with pytest.raises(TimeoutError):
            await post(client, seconds=0)
    assert not server.requests


async def test_closing_fails_the_requests_on_their_way_and_those_that_wait() -> None:
    async def never(_request: Request) -> None:
        await asyncio.Event().wait()

    async with (
        wire_server(never) as server,
        client_for(server.address, connections_max=1) as client,
    ):
        tasks = [asyncio.create_task(post(client)) for _ in range(3)]
        await server.arrived.wait()
        await client.close()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(result, ClosedEarlyError) for result in results] == [True] * 3
        assert "slots=0 open=0" in repr(client)
        with pytest.raises(ClosedEarlyError):
            await post(client)
