"""A client that leaves before its answer: queries end at the subgraphs, mutations are done."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from supergraph.server.gateway import Gateway
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.kit.in_loop import TIME_LIMIT, served_in_loop, until
from tests.server.ticking import SUPERGRAPH


class Slow:
    """A subgraph that answers when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.asked = 0
        self.cancelled = 0
        self.done = 0

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        self.asked += 1
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.done += 1
        is_mutation = "add" in request.query
        return SubgraphReply({"add": 1} if is_mutation else {"hello": "world"})

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        yield await self.execute(request)


@asynccontextmanager
async def served(slow: Slow) -> AsyncGenerator[int]:
    async with served_in_loop(Gateway(SUPERGRAPH, {"ticker": slow})) as (_, port):
        yield port


async def asked(port: int, query: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    body = json.dumps({"query": query}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n" % len(body) + body
    )
    return reader, writer


async def test_a_query_nobody_waits_for_ends_at_the_subgraph(
    caplog: pytest.LogCaptureFixture,
) -> None:
    slow = Slow()
    async with served(slow) as port:
        _, writer = await asked(port, "{ hello }")
        await until(lambda: slow.asked == 1)
        writer.transport.abort()
        await until(lambda: slow.cancelled == 1)
        slow.let.set()
        reader, writer = await asked(port, "{ hello }")
        async with asyncio.timeout(TIME_LIMIT):
            assert b'{"data":{"hello":"world"}}' in await reader.readuntil(b"}}")
        writer.close()
    assert "Exception" not in caplog.text


async def test_a_mutation_is_done_though_nobody_waits() -> None:
    slow = Slow()
    async with served(slow) as port:
        _, writer = await asked(port, "mutation { add(number: 1) }")
        await until(lambda: slow.asked == 1)
        writer.transport.abort()
        # Another request goes through the loop after the end of the connection was seen.
        _, other = await asked(port, "{ hello }")
        await until(lambda: slow.asked == 2)
        slow.let.set()
        await until(lambda: slow.done == 2)
        other.close()
    assert slow.cancelled == 0
