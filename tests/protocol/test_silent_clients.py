"""Clients that hold a connection and neither read nor answer: asleep, out of reach, or unwilling.

To the gateway a half-open connection, whose client is gone without a word, looks the same.
"""

import asyncio
import contextlib
from collections.abc import Generator
from typing import Any

import pytest

from tests.protocol.processes import NOTHING, Server
from tests.protocol.raw_client import connected, operation

SETTINGS = {
    "websocket": {"ping_seconds": 0.3},
    "server": {"stall_seconds": 1.0},
    "subscriptions": {"heartbeat_seconds": 0.3},
}
PAGES = "subscription { pages }"
SETTLE_SECONDS = 40.0


async def released(gateway: Server, before: dict[str, Any]) -> None:
    """Wait until the gateway holds nothing of a client any more, its socket neither."""
    async with asyncio.timeout(SETTLE_SECONDS):
        while True:
            held = gateway.held()
            if held | NOTHING == held and held["descriptors"] <= before["descriptors"]:
                return
            await asyncio.sleep(0.1)


@pytest.fixture(autouse=True)
def nothing_is_logged(gateway: Server) -> Generator[None]:
    """What a client leaves undone is no failure of ours."""
    yield
    assert gateway.complaints() == ""


async def test_a_silent_socket_is_pinged_and_closed(gateway: Server) -> None:
    before = gateway.held()
    async with connected(gateway) as client:
        await client.upgrade()
        await released(gateway, before)
        left = await client.reader.read()

    assert b'{"type":"ping"}' in left
    assert (1011).to_bytes(2, "big") in left


async def test_a_client_that_talks_on_but_answers_no_websocket_pings_is_closed(
    gateway: Server,
) -> None:
    before = gateway.held()
    async with connected(gateway) as client, asyncio.timeout(SETTLE_SECONDS):
        await client.upgrade()
        client.send(type="subscribe", id="1", payload={"query": PAGES})
        with contextlib.suppress(ConnectionError):
            while await client.reader.read(65_536):
                client.send(type="pong")
                # So slowly that there is always something to be written.
                await asyncio.sleep(0.01)
        await released(gateway, before)


async def test_a_socket_that_does_not_read_is_cut_off(gateway: Server) -> None:
    before = gateway.held()
    async with connected(gateway) as client:
        await client.upgrade()
        client.send(type="subscribe", id="1", payload={"query": PAGES})
        await released(gateway, before)


@pytest.mark.parametrize("accept", ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"])
async def test_a_stream_that_is_not_read_is_cut_off(gateway: Server, accept: str) -> None:
    before = gateway.held()
    async with connected(gateway) as client:
        await client.request("POST", body=operation(PAGES), accept=accept)
        await released(gateway, before)


async def test_others_are_served_meanwhile(gateway: Server) -> None:
    async with connected(gateway) as silent, connected(gateway) as other:
        await silent.upgrade()
        silent.send(type="subscribe", id="1", payload={"query": PAGES})
        for _ in range(100):
            async with asyncio.timeout(SETTLE_SECONDS):
                await other.request("POST", body=operation("{ hello }"))
                await other.reader.readuntil(b'{"data":{"hello":"world"}}')
