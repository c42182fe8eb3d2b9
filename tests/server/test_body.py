"""Reading a body: at once, in parts, too late, not at all."""

import asyncio

import pytest
from starlette.types import Message

from supergraph.config.gateway import LimitConfig
from supergraph.errors import ClientError
from supergraph.server.body import read_body
from supergraph.server.client_headers import ClientHeaders

LIMITS = LimitConfig(body_bytes=10, body_seconds=0.05)
END: Message = {"type": "http.disconnect"}


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def read(
    *messages: Message, waits: bool = False, declared: bytes = b"", limits: LimitConfig = LIMITS
) -> bytes | None:
    """What is read of these messages; after them nothing comes."""
    left = list(messages)

    async def receive() -> Message:
        if waits:
            await asyncio.sleep(0)
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    headers = ClientHeaders([(b"content-length", declared)] if declared else [])
    return await read_body(receive, headers, limits)


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([part(b"whole")], b"whole"),
        ([{"type": "http.request"}], b""),
        ([part(b"in ", more=True), part(b"two")], b"in two"),
        ([part(b"", more=True), part(b"x" * 10, more=True), part(b"")], b"x" * 10),
        ([END], None),
        ([part(b"half", more=True), END], None),
    ],
)
async def test_body_is_read(messages: list[Message], expected: bytes | None, waits: bool) -> None:
    assert await read(*messages, waits=waits) == expected


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize(
    ("messages", "declared"),
    [
        ([part(b"x" * 11)], b""),
        ([part(b"x" * 9, more=True), part(b"xx", more=True)], b""),
        ([], b"11"),
        ([], b"9" * 5_000),
    ],
)
async def test_large_body_is_refused(messages: list[Message], declared: bytes, waits: bool) -> None:
    with pytest.raises(ClientError, match="larger than 10 bytes"):
        await read(*messages, waits=waits, declared=declared)


@pytest.mark.parametrize("messages", [[], [part(b"half", more=True)]])
async def test_late_body_is_refused(messages: list[Message]) -> None:
    with pytest.raises(ClientError, match=r"did not arrive within 0\.05 seconds"):
        await read(*messages)


@pytest.mark.parametrize("messages", [[], [part(b"half", more=True)]])
async def test_reading_can_be_cancelled(messages: list[Message]) -> None:
    task = asyncio.create_task(read(*messages, limits=LimitConfig()))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
