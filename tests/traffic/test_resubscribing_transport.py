"""Lost subscriptions are opened again: which failures, for how long, and what is never repeated."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import pytest

from supergraph.error_codes import runtime as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic import resubscribing_transport
from supergraph.traffic.back_off import BackOff
from supergraph.traffic.resubscribing_transport import ResubscribingTransport
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.traffic.streaming_subgraph import until

NAME = SubgraphName("s")
REQUEST = SubgraphRequest("subscription { a }")


def failure(
    code: ErrorCode = codes.SUBGRAPH_SUBSCRIPTION_FAILED,
    *,
    was_open: bool = False,
    may_pass: bool = False,
) -> SubgraphError:
    return SubgraphError(code, "failed", NAME, was_open=was_open, may_pass=may_pass)


LOST = failure(was_open=True, may_pass=True)
DOWN = failure(codes.SUBGRAPH_UNREACHABLE, may_pass=True)
REFUSED = failure()


class Scripted:
    """Each subscription does what the next script says: numbers are events, errors are raised."""

    def __init__(self, *scripts: Sequence[int | SubgraphError]) -> None:
        self.requests: list[SubgraphRequest] = []
        self.closed = 0
        self._scripts = list(scripts)

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        self.closed += 1

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        self.requests.append(request)
        return SubgraphReply({"a": 0})

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        self.requests.append(request)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        for item in script:
            if isinstance(item, SubgraphError):
                raise item
            yield SubgraphReply({"a": item}, event_id=str(item) if item > 100 else None)


async def outcome(
    *scripts: Sequence[int | SubgraphError], seconds: float = 5.0
) -> tuple[list[object], int]:
    """What a client gets, the code of an error at its end, and how often was subscribed."""
    transport = Scripted(*scripts)
    got: list[object] = []
    healing = ResubscribingTransport(transport, seconds, BackOff(chance=lambda: 0.0))
    try:
        async with asyncio.timeout(10):
            async for event in healing.subscribe(REQUEST):
                assert event.data is not None
                got.append(event.data["a"])
    except SubgraphError as error:
        got.append(error.code.name)
    return got, len(transport.requests)


async def test_a_lost_stream_goes_on() -> None:
    assert await outcome([1, 2, LOST], [2, 3]) == ([1, 2, 2, 3], 2)


async def test_a_subgraph_that_is_away_is_tried_again() -> None:
    assert await outcome([1, LOST], [DOWN], [DOWN], [2]) == ([1, 2], 4)


async def test_a_stream_that_was_lost_before_its_first_event_goes_on() -> None:
    assert await outcome([LOST], [1]) == ([1], 2)


@pytest.mark.parametrize("error", [REFUSED, DOWN])
async def test_the_first_opening_is_tried_once(error: SubgraphError) -> None:
    assert await outcome([error], [1]) == ([error.code.name], 1)


@pytest.mark.parametrize("error", [failure(was_open=True), failure(codes.INVALID_FORWARDED_HEADER)])
async def test_what_will_not_pass_is_final(error: SubgraphError) -> None:
    assert await outcome([1, error], [2]) == ([1, error.code.name], 1)


async def test_a_refusal_after_an_outage_is_final() -> None:
    assert await outcome([1, LOST], [REFUSED], [2]) == ([1, "SUBGRAPH_SUBSCRIPTION_FAILED"], 2)


async def test_a_completed_stream_is_complete() -> None:
    assert await outcome([1], [2]) == ([1], 1)


async def test_after_the_time_the_client_is_told() -> None:
    got, tries = await outcome([1, LOST], [DOWN], seconds=0.6)

    assert got == [1, "SUBGRAPH_UNREACHABLE"]
    assert tries == 2  # after 0.25 s; the next pause is longer than the time


async def test_a_stream_that_breaks_again_and_again_is_given_up() -> None:
    got, _ = await outcome([1, LOST], seconds=1.0)

    assert got == [1, 1, 1, "SUBGRAPH_SUBSCRIPTION_FAILED"]


async def test_each_outage_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resubscribing_transport, "HEALTHY_SECONDS", 0.0)

    got, tries = await outcome([1, LOST], [2, LOST], [3], seconds=0.6)

    assert (got, tries) == ([1, 2, 3], 3)  # after 0.25 s and 0.5 s


async def test_a_stream_with_ids_is_asked_to_go_on_after_the_last_event() -> None:
    transport = Scripted([101, 102, LOST], [103])
    healing = ResubscribingTransport(transport, 5.0)
    async for _ in healing.subscribe(REQUEST):
        pass

    assert [request.resume_after for request in transport.requests] == [None, "102"]


async def test_a_client_that_leaves_during_an_outage_ends_it() -> None:
    transport = Scripted([1, LOST], [DOWN])
    healing = ResubscribingTransport(transport, 60.0)
    stream = healing.subscribe(REQUEST)
    async with aclosing(stream):
        await anext(stream)
        task = asyncio.ensure_future(anext(stream))
        await until(lambda: len(transport.requests) == 2)
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()


async def test_closing_the_transport_ends_an_outage() -> None:
    transport = Scripted([1, LOST], [DOWN])
    healing = ResubscribingTransport(transport, 60.0)
    stream = healing.subscribe(REQUEST)
    await anext(stream)
    task = asyncio.ensure_future(anext(stream))
    await until(lambda: len(transport.requests) == 2)

    await healing.close()

    async with asyncio.timeout(1):
        with pytest.raises(SubgraphError):
            await task
    assert transport.closed == 1


async def test_many_that_wait_for_one_subgraph_try_a_few_times_only() -> None:
    """While it is away, the failure of one tells the others not to try yet."""
    transport = Scripted(*[[1, LOST]] * 500, [DOWN])
    healing = ResubscribingTransport(transport, 3.0)

    async def client() -> None:
        with pytest.raises(SubgraphError):
            async for _ in healing.subscribe(REQUEST):
                pass

    await asyncio.gather(*(client() for _ in range(500)))

    assert len(transport.requests) - 500 < 20


async def test_queries_are_passed_on() -> None:
    transport = Scripted([])
    healing = ResubscribingTransport(transport, 5.0)
    await healing.start()

    assert await healing.execute(REQUEST) == SubgraphReply({"a": 0})
    assert transport.requests == [REQUEST]
