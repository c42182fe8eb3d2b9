"""The hub alone: what clients of one source see, whatever the others do."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack

import pytest

from supergraph.subscriptions.buffer import FullPolicy
from supergraph.subscriptions.events import HEARTBEAT, Ended, Item, Published
from supergraph.subscriptions.feed import Source
from supergraph.subscriptions.hub import HubLimits, SubscriptionHub, Watch, Watching

TIME_LIMIT = 10.0
OVERFLOW = Ended(b'["too slow"]')


class Tap:
    """A source that the test feeds; counts how often it is open."""

    def __init__(self) -> None:
        self.opened = 0
        self.open = 0
        self.taken = 0
        self._events: asyncio.Queue[Published | Exception | None] = asyncio.Queue()

    async def source(self) -> AsyncGenerator[Published, None]:
        self.opened += 1
        self.open += 1
        try:
            while (event := await self._events.get()) is not None:
                if isinstance(event, Exception):
                    raise event
                self.taken += 1
                yield event
        finally:
            self.open -= 1

    def say(self, *texts: str) -> None:
        for text in texts:
            self._events.put_nowait(event(text))

    def end(self, error: Exception | None = None) -> None:
        self._events.put_nowait(error)


def event(text: str) -> Published:
    return Published(text.encode())


def hub(events_max: int = 3, policy: FullPolicy = "close", beat: float = 60.0) -> SubscriptionHub:
    return SubscriptionHub(
        HubLimits(events_max, policy, beat, clients_max=100),
        OVERFLOW,
        lambda error: Ended(str(error).encode()),
    )


def shared(source: Source, policy: FullPolicy | None = None) -> Watch:
    return Watch("key", source, policy)


async def read(watching: Watching, count: int) -> list[Item]:
    async with asyncio.timeout(TIME_LIMIT):
        return [await watching.get() for _ in range(count)]


async def until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIME_LIMIT):
        while not is_true():  # noqa: ASYNC110 # a source is opened and closed by a task of its own
            await asyncio.sleep(0)


async def test_clients_of_one_key_share_a_source() -> None:
    tap, one = Tap(), hub()
    async with one.watch(shared(tap.source)) as first, one.watch(shared(tap.source)) as second:
        tap.say("a", "b")
        tap.end()

        expected = [event("a"), event("b"), Ended()]
        assert await read(first, 3) == expected
        assert await read(second, 3) == expected
    assert tap.opened == 1


async def test_without_a_key_nobody_shares() -> None:
    tap, one = Tap(), hub()
    async with one.watch(Watch(None, tap.source)), one.watch(Watch(None, tap.source)):
        await until(lambda: tap.open == 2)


async def test_who_comes_later_begins_with_the_latest_event() -> None:
    tap, one = Tap(), hub()
    async with one.watch(shared(tap.source)) as first:
        tap.say("a", "b")
        await read(first, 2)
        async with one.watch(shared(tap.source)) as second:
            tap.say("c")
            assert await read(second, 2) == [event("b"), event("c")]


async def test_the_source_is_closed_when_the_last_client_leaves() -> None:
    tap, one = Tap(), hub()
    async with one.watch(shared(tap.source)) as first:
        async with one.watch(shared(tap.source)):
            pass
        tap.say("a")
        await read(first, 1)
        assert tap.open == 1
    assert tap.open == 0
    assert not one.feeds
    assert one.clients == 0


async def test_a_source_that_ended_is_opened_again_for_the_next_client() -> None:
    tap, one = Tap(), hub()
    async with one.watch(shared(tap.source)) as first:
        tap.end()
        assert await read(first, 1) == [Ended()]
        async with one.watch(shared(tap.source)):
            await until(lambda: tap.opened == 2)


async def test_a_client_alone_makes_the_source_wait_and_loses_nothing() -> None:
    tap, one = Tap(), hub(events_max=2)
    async with one.watch(shared(tap.source)) as alone:
        tap.say(*"abcdef")
        await until(lambda: tap.taken == 3)
        for _ in range(50):
            await asyncio.sleep(0)
        assert tap.taken == 3, "two wait in the buffer, one in the feed"

        assert await read(alone, 6) == [event(text) for text in "abcdef"]


@pytest.mark.parametrize(
    ("policy", "seen"),
    [
        ("latest", [event("f")]),
        ("drop_oldest", [event("d"), event("e"), event("f")]),
        ("close", [OVERFLOW]),
    ],
)
async def test_a_slow_client_costs_its_own_buffer_only(
    policy: FullPolicy, seen: list[Item]
) -> None:
    tap, one = Tap(), hub(events_max=3)
    async with AsyncExitStack() as stack:
        quick = await stack.enter_async_context(one.watch(shared(tap.source)))
        slow = await stack.enter_async_context(one.watch(shared(tap.source, policy)))
        for text in "abcdef":
            tap.say(text)
            assert await read(quick, 1) == [event(text)]

        assert await read(slow, len(seen)) == seen


async def test_a_client_that_stalls_and_leaves_lets_the_others_go_on() -> None:
    tap, one = Tap(), hub(events_max=1)
    async with one.watch(shared(tap.source)) as stalled:
        tap.say("a", "b", "c")
        await until(lambda: tap.taken == 2)  # the feed waits for the only client
        async with one.watch(shared(tap.source, "drop_oldest")) as second:
            tap.say("d")
            await until(lambda: tap.taken == 4)
            assert (await read(second, 1))[0] in (event("c"), event("d"))
        assert await read(stalled, 1) == [OVERFLOW]


async def test_what_a_source_raises_is_worded_for_every_client() -> None:
    tap, one = Tap(), hub()
    async with one.watch(shared(tap.source)) as first, one.watch(shared(tap.source)) as second:
        tap.end(ValueError("broken"))

        assert await read(first, 1) == await read(second, 1) == [Ended(b"broken")]


async def test_the_gateway_may_end_them_all() -> None:
    tap, one = Tap(), hub()
    async with one.watch(shared(tap.source)) as first, one.watch(Watch(None, tap.source)) as second:
        one.end(Ended(b"over"))

        assert await read(first, 1) == await read(second, 1) == [Ended(b"over")]


async def test_silence_has_heartbeats() -> None:
    tap, one = Tap(), hub(beat=0.001)
    async with one.watch(shared(tap.source)) as watching:
        assert await read(watching, 2) == [HEARTBEAT, HEARTBEAT]
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def test_a_watching_that_never_began_leaves_nothing() -> None:
    tap, one = Tap(), hub()
    one.watch(shared(tap.source))

    assert one.clients == 0
    assert tap.opened == 0
