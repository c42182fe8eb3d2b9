"""Every close code of graphql-transport-ws, for what clients may do wrongly.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. The reasons are for people and each
server's own.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from tests.protocol.processes import Server

SETTINGS = {"websocket": {"init_seconds": 1.0}}
SUBPROTOCOL = "graphql-transport-ws"
TIME_LIMIT = 10.0
INIT = {"type": "connection_init"}
ACK = {"type": "connection_ack"}
FOREVER = {"query": "subscription { forever }"}
HELLO = {"query": "{ hello }"}

Socket = ClientWebSocketResponse[bool]


def subscribe(payload: Any, id_: Any = "1") -> dict[str, Any]:
    return {"type": "subscribe", "id": id_, "payload": payload}


@asynccontextmanager
async def opened(server: Server, **changes: Any) -> AsyncGenerator[Socket]:
    options: Any = {"protocols": (SUBPROTOCOL,), "max_msg_size": 0} | changes
    timeout = aiohttp.ClientTimeout(TIME_LIMIT)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.ws_connect(server.url, **options) as socket,
    ):
        yield socket


async def close_code(socket: Socket) -> int | None:
    """Read to the end."""
    while True:
        message = await socket.receive(TIME_LIMIT)
        if message.type is WSMsgType.CLOSE:
            code: int = message.data
            return code
        if message.type is not WSMsgType.TEXT:
            return socket.close_code


async def code_after(server: Server, *frames: Any, **options: Any) -> int | None:
    """How the connection ends; what follows INIT is sent once it is acknowledged."""
    async with opened(server, **options) as socket:
        for frame in frames:
            if isinstance(frame, bytes):
                await socket.send_bytes(frame)
            else:
                await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
            if frame is INIT and frame is not frames[-1]:
                assert await socket.receive_json(timeout=TIME_LIMIT) == ACK
        return await close_code(socket)


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "garbage",
        '{"type":"ping"',
        "null",
        "1",
        '"ping"',
        "[]",
        '[{"type":"ping"}]',
        "{}",
        {"type": None},
        {"type": 1},
        {"type": "unknown"},
        {"type": "start", "id": "1", "payload": HELLO},
        {**INIT, "payload": "text"},
        {"type": "ping", "payload": 5},
        {"type": "complete"},
        {"type": "complete", "id": 5},
    ],
)
async def test_what_is_no_message_is_4400(server: Server, frame: Any) -> None:
    assert await code_after(server, frame) == 4400


@pytest.mark.parametrize(
    "message",
    [
        {"type": "subscribe", "payload": HELLO},
        subscribe(HELLO, ""),
        subscribe(HELLO, 1),
        subscribe(HELLO, None),
        {"type": "subscribe", "id": "1"},
        subscribe(None),
        subscribe("{ hello }"),
        subscribe([HELLO]),
        subscribe({}),
        subscribe({"query": 5}),
        subscribe({"query": {"kind": "Document"}}),
        subscribe({**HELLO, "variables": []}),
        subscribe({**HELLO, "variables": "{}"}),
        subscribe({**HELLO, "operationName": 5}),
        subscribe({**HELLO, "extensions": "none"}),
    ],
)
async def test_what_cannot_be_started_is_4400(server: Server, message: Any) -> None:
    assert await code_after(server, INIT, message) == 4400


async def test_an_operation_before_the_acknowledgement_is_4401(server: Server) -> None:
    assert await code_after(server, subscribe(HELLO)) == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_page_of_another_origin_is_4403(server: Server, origin: str) -> None:
    assert await code_after(server, INIT, origin=origin) == 4403


@pytest.mark.parametrize("protocols", [(), ("graphql-ws",), ("unknown", "other")])
async def test_without_the_subprotocol_it_is_4406(
    server: Server, protocols: tuple[str, ...]
) -> None:
    assert await code_after(server, protocols=protocols) == 4406


async def test_the_subprotocol_is_chosen_among_others(server: Server) -> None:
    async with opened(server, protocols=("graphql-ws", SUBPROTOCOL)) as socket:
        assert socket.protocol == SUBPROTOCOL


async def test_without_init_it_is_4408(server: Server) -> None:
    assert await code_after(server, {"type": "ping"}) == 4408


async def test_an_id_that_is_in_use_is_4409(server: Server) -> None:
    assert await code_after(server, INIT, subscribe(FOREVER), subscribe(FOREVER)) == 4409


@pytest.mark.parametrize("between", [(), ({"type": "ping"},)])
async def test_a_second_init_is_4429(server: Server, between: tuple[Any, ...]) -> None:
    assert await code_after(server, INIT, INIT) == 4429  # before it is acknowledged
    again = dict(INIT)
    assert await code_after(server, INIT, *between, again) == 4429


@pytest.mark.parametrize(
    "frames",
    [
        [{**INIT, "payload": {"token": "x" * 1_000_000}}],
        [INIT, {"type": "ping", "payload": {"x": "x" * 1_100_000}}],
        [INIT, subscribe({"query": "#" * 1_100_000})],
    ],
)
async def test_a_message_of_over_a_megabyte_is_1009(server: Server, frames: list[Any]) -> None:
    assert await code_after(server, *frames) == 1009


async def test_text_that_is_not_utf8_is_1007(server: Server) -> None:
    async with opened(server) as socket:
        await socket.send_frame(b'{"type":"\xff"}', WSMsgType.TEXT)
        assert await close_code(socket) == 1007


@pytest.mark.parametrize("server", ["gateway"], indirect=True)
@pytest.mark.parametrize(
    ("frames", "code"),
    [
        # graphql-ws takes the server's own messages for a failure of its own, reads bytes as text,
        # and has no limits of its own.
        ([ACK], 4400),
        ([INIT, ACK], 4400),
        ([{"type": "next", "id": "1", "payload": {}}], 4400),
        ([b'{"type":"connection_init"}'], 4400),
        ([{**INIT, "payload": {"token": "x" * 70_000}}], 1009),
        (["[" * 100_000], 1009),
        ([INIT, "[" * 100_000], 4400),
    ],
)
async def test_the_gateway_is_stricter(server: Server, frames: list[Any], code: int) -> None:
    assert await code_after(server, *frames) == code


async def test_the_server_serves_on(server: Server) -> None:
    """After all that came before."""
    async with opened(server) as socket:
        await socket.send_json(INIT)
        assert await socket.receive_json() == ACK
        await socket.send_json(subscribe(HELLO))
        assert (await socket.receive_json())["payload"] == {"data": {"hello": "world"}}


@pytest.mark.parametrize("server", ["gateway"], indirect=True)
async def test_ten_thousand_operations_on_one_socket(server: Server) -> None:
    """As many as the limit run, the rest are refused one by one, and the socket stays."""
    async with opened(server) as socket:
        await socket.send_json(INIT)
        await socket.receive_json()
        for number in range(10_000):
            # Each its own question: equal ones would share one subscription.
            query = f"subscription {{ a{number % 200}: forever }}"
            await socket.send_json(subscribe({"query": query}, str(number)))
        kinds: dict[str, list[str]] = {"next": [], "error": []}
        while len(kinds["next"]) + len(kinds["error"]) < 10_000:
            message = await socket.receive_json()
            kinds[message["type"]].append(message["id"])
        assert sorted(map(int, kinds["next"])) == list(range(100))

        await socket.send_json({"type": "complete", "id": "0"})
        await socket.send_json(subscribe(HELLO, "again"))
        message = await socket.receive_json()
        assert (message["id"], message["payload"]) == ("again", {"data": {"hello": "world"}})
