"""Equal requests on their way at the same time: one exchange, and nobody hurts the others."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from supergraph.traffic import in_flight
from supergraph.traffic.http1.client import Http1Client
from supergraph.traffic.http1.errors import ClosedEarlyError, NotHttpError
from tests.traffic.http1.wire_server import (
    Behaviour,
    Request,
    WireServer,
    answer_bytes,
    client_for,
    echo,
    post,
    wire_server,
)

OK = (200, b"{}")


class Gate:
    """Answers with the request's body once it is opened."""

    def __init__(self, then: Behaviour = echo) -> None:
        self.opened = asyncio.Event()
        self.then = then

    async def __call__(self, request: Request) -> None:
        await self.opened.wait()
        await self.then(request)


@asynccontextmanager
async def gated(
    then: Behaviour = echo, **settings: Any
) -> AsyncGenerator[tuple[Gate, WireServer, Http1Client], None]:
    gate = Gate(then)
    async with wire_server(gate) as server, client_for(server.address, **settings) as client:
        yield gate, server, client
        assert "flights=0 carried=0" in repr(client._in_flight)


def ask(
    client: Http1Client, body: bytes = b"{}", **options: Any
) -> asyncio.Task[tuple[int, bytes]]:
    return asyncio.create_task(post(client, body, shares=True, **options))


async def turns(count: int = 5) -> None:
    """Let everything happen that needs no network."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_equal_requests_are_one_exchange() -> None:
    async with gated() as (gate, server, client):
        tasks = [ask(client) for _ in range(20)]
        await server.arrived.wait()
        gate.opened.set()
        assert await asyncio.gather(*tasks) == [OK] * 20
        assert len(server.requests) == 1


async def test_a_request_after_the_answer_is_an_exchange_of_its_own() -> None:
    async with gated() as (gate, server, client):
        gate.opened.set()
        assert await ask(client) == OK
        assert await ask(client) == OK
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"body": b"1"}, {"body": b"2"}, id="body"),
        pytest.param(
            {"headers": {"authorization": "Bearer ada"}},
            {"headers": {"authorization": "Bearer eve"}},
            id="authorization",
        ),
        pytest.param({}, {"headers": {"authorization": "Bearer eve"}}, id="a header more"),
    ],
)
async def test_requests_that_differ_are_not_shared(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    async with gated() as (gate, server, client):
        tasks = [ask(client, **options) for options in (first, second)]
        await turns()
        gate.opened.set()
        assert await asyncio.gather(*tasks) == [
            (200, first.get("body", b"{}")),
            (200, second.get("body", b"{}")),
        ]
        assert len(server.requests) == 2


@pytest.mark.parametrize("options", [{"shares": False}, {"shares": True, "repeats": False}])
async def test_only_shareable_queries_are_shared(options: dict[str, bool]) -> None:
    async with gated() as (gate, server, client):
        tasks = [asyncio.create_task(post(client, **options)) for _ in range(3)]
        await turns()
        gate.opened.set()
        await asyncio.gather(*tasks)
        assert len(server.requests) == 3


@pytest.mark.parametrize("gone", [0, 1, 2])
async def test_a_caller_that_is_cancelled_does_not_hurt_the_others(gone: int) -> None:
    async with gated() as (gate, server, client):
        tasks = [ask(client) for _ in range(3)]
        await server.arrived.wait()
        tasks[gone].cancel()
        await turns()
        tasks.append(ask(client))  # there is still an exchange to join
        await turns()
        gate.opened.set()
        await asyncio.wait(tasks)
        assert tasks.pop(gone).cancelled()
        assert [task.result() for task in tasks] == [OK] * 3
        assert len(server.requests) == 1


async def test_the_exchange_ends_with_its_last_caller() -> None:
    async with gated() as (_, server, client):
        tasks = [ask(client) for _ in range(3)]
        await server.arrived.wait()
        for task in tasks:
            task.cancel()
            await turns()
        await asyncio.wait(tasks)
        await turns()
        assert "slots=0" in repr(client)


async def test_all_callers_may_go_in_the_same_moment() -> None:
    async with gated() as (_, server, client):
        tasks = [ask(client) for _ in range(3)]
        await server.arrived.wait()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await turns()
        assert "slots=0" in repr(client)


@pytest.mark.parametrize("short", [0, 1])
async def test_each_caller_has_its_own_deadline(short: int) -> None:
    async with gated() as (gate, server, client):
        tasks = [ask(client, seconds=0.02 if index == short else 30) for index in range(3)]
        await server.arrived.wait()
        with pytest.raises(TimeoutError):
            await tasks.pop(short)
        gate.opened.set()
        assert await asyncio.gather(*tasks) == [OK] * 2
        assert len(server.requests) == 1


async def test_a_failure_reaches_all_as_an_equal_error() -> None:
    async def garbage(request: Request) -> None:
        request.writer.write(b"garbage\r\n\r\n")

    async with gated(garbage) as (gate, server, client):
        tasks = [ask(client) for _ in range(3)]
        await server.arrived.wait()
        gate.opened.set()
        errors = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(error) for error in errors] == [NotHttpError] * 3
        assert len({str(error) for error in errors}) == 1
        assert len(server.requests) == 1


async def test_a_caller_that_goes_while_it_waits_for_a_connection_leaves_the_others_one() -> None:
    async with gated(connections_max=1) as (gate, server, client):
        busy = asyncio.create_task(post(client, b"busy"))
        await server.arrived.wait()
        tasks = [ask(client) for _ in range(3)]
        await turns()
        tasks.pop(0).cancel()
        await turns()
        gate.opened.set()
        await busy
        assert await asyncio.gather(*tasks) == [OK] * 2
        assert [request.body for request in server.requests] == [b"busy", b"{}"]


async def test_a_stale_connection_is_replaced_for_those_who_stayed() -> None:
    closes = asyncio.Event()

    async def closes_instead_of_a_second_answer(request: Request) -> None:
        if request.number == 2:
            await closes.wait()
            request.writer.close()
        else:
            await echo(request)

    async with gated(closes_instead_of_a_second_answer) as (gate, server, client):
        gate.opened.set()
        await post(client, b"first")
        server.arrived.clear()
        tasks = [ask(client) for _ in range(2)]
        await server.arrived.wait()
        tasks.pop(0).cancel()
        await turns()
        closes.set()
        assert await asyncio.gather(*tasks) == [OK]
        assert server.connections == 2


async def test_closing_the_client_fails_everybody() -> None:
    async with gated() as (_, server, client):
        tasks = [ask(client) for _ in range(3)]
        await server.arrived.wait()
        tasks[0].cancel()
        await turns()
        await client.close()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [
            asyncio.CancelledError,
            ClosedEarlyError,
            ClosedEarlyError,
        ]


async def test_beyond_its_maximum_of_callers_another_exchange_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(in_flight, "FOLLOWERS_MAX", 2)
    async with gated() as (gate, server, client):
        tasks = [ask(client) for _ in range(6)]
        await turns()
        gate.opened.set()
        assert await asyncio.gather(*tasks) == [OK] * 6
        assert len(server.requests) == 2


async def test_a_full_table_only_means_that_nothing_is_shared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(in_flight, "FLIGHTS_MAX", 1)
    async with gated() as (gate, server, client):
        tasks = [ask(client, body) for body in (b"1", b"1", b"2", b"2")]
        await turns()
        gate.opened.set()
        answers = await asyncio.gather(*tasks)
        assert [body for _, body in answers] == [b"1", b"1", b"2", b"2"]
        assert sorted(request.body for request in server.requests) == [b"1", b"2", b"2"]


async def test_answers_that_differ_in_time_are_never_mixed_up() -> None:
    """Random callers that come and go get the answer to what they asked, or their own end."""

    async def numbered(request: Request) -> None:
        await asyncio.sleep(0)
        request.writer.write(answer_bytes(request.body))

    async with gated(numbered, connections_max=4) as (gate, server, client):
        gate.opened.set()
        tasks = []
        for number in range(400):
            tasks.append(ask(client, b"%d" % (number % 7), seconds=30))
            if number % 3 == 0:
                tasks[number // 2].cancel()
            await asyncio.sleep(0)
        await asyncio.wait(tasks)
        for number, task in enumerate(tasks):
            assert task.cancelled() or task.result() == (200, b"%d" % (number % 7))
        assert len(server.requests) < 400
