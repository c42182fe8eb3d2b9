"""The subgraph behind an event stream, which may fail to tell its state."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from broadcasting import open_broadcast
from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.federation.event_streams import event_streams
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.traffic.events import transport
from supergraph.traffic.events.source import BroadcastSource
from supergraph.traffic.failure import failure
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.events.jobs import supergraph_sdl

[STREAM] = event_streams(parse_supergraph(supergraph_sdl()))
REQUEST = SubgraphRequest("subscription { job(id: 1) { percent } }")
AWAY = failure(STREAM.subgraph, codes.SUBGRAPH_UNREACHABLE, "is away")


class Scripted:
    """A subgraph whose states are told in turn, the last for ever; errors are raised."""

    def __init__(self, *states: Any) -> None:
        self._states = list(states)

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing is open."""

    async def execute(self, _: SubgraphRequest) -> SubgraphReply:
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        if isinstance(state, SubgraphError):
            raise state
        if isinstance(state, int):
            state = {"percent": state, "_sequence": state, "_final": False}
        return SubgraphReply({"job": state})

    def subscribe(self, _: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        raise NotImplementedError


@asynccontextmanager
async def watched(*states: Any) -> AsyncGenerator[AsyncGenerator[SubgraphReply, None]]:
    """What a client is told, beginning with an event that says no more than that there is news."""
    async with open_broadcast(None) as broadcast, asyncio.timeout(10):
        watching = transport.EventTransport(STREAM, Scripted(*states), BroadcastSource(broadcast))
        async with aclosing(watching.subscribe(REQUEST)) as replies:
            assert (await anext(replies)).data == {"job": {"percent": 1}}
            await broadcast.publish("job:1", "{}")
            yield replies


async def test_a_subgraph_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "RETRY_SECONDS", 0.001)
    async with watched(1, AWAY, AWAY, 2) as replies:
        assert (await anext(replies)).data == {"job": {"percent": 2}}


async def test_a_subgraph_that_stays_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(transport, "STALE_SECONDS_MAX", 0.05)
    async with watched(1, AWAY) as replies:
        with pytest.raises(SubgraphError, match="is away"):
            await anext(replies)


async def test_a_state_that_is_no_object_is_the_subgraphs_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "STALE_SECONDS_MAX", 0.0)
    async with watched(1, "text") as replies:
        with pytest.raises(SubgraphError) as caught:
            await anext(replies)
    assert caught.value.code.name == "SUBGRAPH_MALFORMED_RESPONSE"
