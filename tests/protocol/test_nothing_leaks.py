"""Clients that come, subscribe and are gone leave nothing behind, however they go."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from tests.protocol.processes import NOTHING, Server
from tests.protocol.raw_client import body_length, connected, operation

#: What is reserved and never used is to be forgotten within the test.
SETTINGS = {"subscriptions": {"reservation_seconds": 1.0}, "websocket": {"init_seconds": 2.0}}
AT_ONCE = 20
SETTLE_SECONDS = 30.0
WARM_UP = 200
#: Far less than one block per cycle of the long run; and what the allocator may keep of the peak.
BLOCKS_MAX = 1_000
MEMORY_KB_MAX = 4_000

Cycle = Callable[[Server, int], Awaitable[None]]


def forever(number: int) -> str:
    """Half of the subscriptions are shared; of the others there are more than live at a time."""
    if number // len(CYCLES) % 2:
        return "subscription { forever }"
    return f"subscription {{ a{number % (2 * AT_ONCE)}: forever }}"


async def killed_socket(server: Server, number: int) -> None:
    async with connected(server) as client:
        await client.upgrade()
        for id_ in ("1", "2"):
            client.send(type="subscribe", id=id_, payload={"query": forever(number)})
        await client.reader.readuntil(b'"next"')


async def socket_killed_while_it_subscribes(server: Server, number: int) -> None:
    async with connected(server) as client:
        await client.upgrade()
        client.send(type="subscribe", id="1", payload={"query": forever(number)})


async def socket_killed_before_its_init(server: Server, number: int) -> None:
    async with connected(server) as client:
        await client.upgrade()


async def completed_and_closed_socket(server: Server, number: int) -> None:
    async with connected(server) as client:
        await client.upgrade()
        client.send(type="subscribe", id="1", payload={"query": forever(number)})
        await client.reader.readuntil(b'"next"')
        client.send(type="complete", id="1")
        client.send_close()
        await client.reader.read()


async def socket_closed_for_a_mistake(server: Server, number: int) -> None:
    async with connected(server) as client:
        await client.upgrade()
        client.send(type="subscribe", id="1", payload={"query": forever(number)})
        client.send(type="nonsense")
        await client.reader.readuntil(b"Invalid message")


async def killed_events(server: Server, number: int) -> None:
    async with connected(server) as client:
        body = operation(forever(number))
        await client.request("POST", body=body, accept="text/event-stream")
        await client.reader.readuntil(b"event: next")


async def killed_parts(server: Server, number: int) -> None:
    async with connected(server) as client:
        body = operation(forever(number))
        await client.request("POST", body=body, accept="multipart/mixed;subscriptionSpec=1.0")
        await client.reader.readuntil(b"payload")


async def events_killed_at_once(server: Server, number: int) -> None:
    async with connected(server) as client:
        body = operation(forever(number))
        await client.request("POST", body=body, accept="text/event-stream")


async def killed_single_connection(server: Server, number: int) -> None:
    async with connected(server) as client, connected(server) as stream:
        token = await reserved(client)
        await stream.request(x_graphql_event_stream_token=token, accept="text/event-stream")
        for id_ in ("1", "2"):
            body = operation(forever(number), operationId=id_)
            await client.request("POST", body=body, x_graphql_event_stream_token=token)
        await stream.reader.readuntil(b"event: next")


async def reservation_that_is_not_used(server: Server, number: int) -> None:
    async with connected(server) as client:
        token = await reserved(client)
        body = operation(forever(number), operationId="1")
        await client.request("POST", body=body, x_graphql_event_stream_token=token)


async def reserved(client: Any) -> str:
    head = await client.request("PUT")
    token: bytes = await client.reader.readexactly(body_length(head))
    return token.decode()


CYCLES: Sequence[Cycle] = (
    killed_socket,
    socket_killed_while_it_subscribes,
    socket_killed_before_its_init,
    completed_and_closed_socket,
    socket_closed_for_a_mistake,
    killed_events,
    killed_parts,
    events_killed_at_once,
    killed_single_connection,
    reservation_that_is_not_used,
)


async def run(server: Server, cycles: int) -> None:
    """So many cycles, of every kind, some at a time."""
    numbers = itertools.count()

    async def go_on() -> None:
        for number in numbers:
            if number >= cycles:
                return
            await CYCLES[number % len(CYCLES)](server, number)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(go_on())


async def settled(server: Server, tasks: int, descriptors: int) -> dict[str, Any]:
    """What is held once there is no more than before, or what there is when that does not come."""
    loop = asyncio.get_running_loop()
    end = loop.time() + SETTLE_SECONDS
    while True:
        held = server.held()
        is_as_before = held["tasks"] <= tasks and held["descriptors"] <= descriptors
        if (is_as_before and held | NOTHING == held) or loop.time() > end:
            return held
        await asyncio.sleep(0.1)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("cycles", [300, pytest.param(10_000, marks=pytest.mark.long)])
async def test_clients_that_are_gone_leave_nothing_behind(gateway: Server, cycles: int) -> None:
    fresh = gateway.held()
    await run(gateway, WARM_UP)
    # The shared way to the subgraph is open from now on: a socket in process, with its tasks.
    before = await settled(gateway, fresh["tasks"] + 8, fresh["descriptors"])
    assert before | NOTHING == before

    await run(gateway, cycles)
    after = await settled(gateway, before["tasks"], before["descriptors"])

    assert after | NOTHING == after
    assert after["tasks"] <= before["tasks"]
    assert after["descriptors"] <= before["descriptors"]
    assert after["blocks"] - before["blocks"] <= BLOCKS_MAX
    assert after["memory_kb"] - before["memory_kb"] <= MEMORY_KB_MAX
    assert gateway.complaints() == ""
