"""The hub alone: what clients of one source see, whatever the others do."""

import asyncio
from collections.abc import AsyncGenerator, Callable

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


def shared(source: Source) -> Watch:
    return Watch("key", source)


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
    tap, one = Tap(), hub(events_max=3, policy=policy)
    async with one.watch(shared(tap.source)) as quick, one.watch(shared(tap.source)) as slow:
        for text in "abcdef":
            tap.say(text)
            assert await read(quick, 1) == [event(text)]

        assert await read(slow, len(seen)) == seen


async def test_a_client_that_stalls_and_leaves_lets_the_others_go_on() -> None:
    tap, one = Tap(), hub(events_max=1, policy="drop_oldest")
    async with one.watch(shared(tap.source)) as stalled:
        tap.say("a", "b", "c")
        await until(lambda: tap.taken == 2)  # the feed waits for the only client
        async with one.watch(shared(tap.source)) as second:
            tap.say("d")
            await until(lambda: tap.taken == 4)
            assert (await read(second, 1))[0] in (event("c"), event("d"))
        assert await read(stalled, 1) == [event("d")]


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


class Exchange:
    """A source that is exchanged: `renew` leads to the next tap."""

    def __init__(self, *taps: Tap) -> None:
        self.taps = list(taps)

    def watch(self, number: int = 0) -> Watch:
        async def renew() -> Watch | Ended:
            if number + 1 < len(self.taps):
                return self.watch(number + 1)
            return Ended(b"no more")

        return Watch(f"key {number}", self.taps[number].source, renew)


async def test_a_subscription_goes_on_with_another_source() -> None:
    old, new = Tap(), Tap()
    one, exchange = hub(), Exchange(old, new)
    async with one.watch(exchange.watch()) as watching:
        old.say("a")
        assert await read(watching, 1) == [event("a")]
        renewal = asyncio.create_task(one.renew())
        await until(lambda: new.open == 1)
        old.say("b")  # the old one tells until the new one does
        assert await read(watching, 1) == [event("b")]
        new.say("c")
        assert await read(watching, 1) == [event("c")]
        await renewal
        await until(lambda: old.open == 0)
        assert new.open == 1


async def test_what_both_sources_tell_is_told_once() -> None:
    old, new = Tap(), Tap()
    one, exchange = hub(), Exchange(old, new)
    async with one.watch(exchange.watch()) as watching:
        old.say("state")
        await read(watching, 1)
        new.say("state", "next")
        await one.renew()
        assert await read(watching, 1) == [event("next")]


async def test_the_end_of_the_old_source_is_not_that_of_the_subscription() -> None:
    old, new = Tap(), Tap()
    one, exchange = hub(), Exchange(old, new)
    async with one.watch(exchange.watch()) as watching:
        await until(lambda: old.open == 1)
        renewal = asyncio.create_task(one.renew())
        await until(lambda: new.open == 1)
        old.end()
        await until(lambda: old.open == 0)
        new.say("a")
        new.end()
        assert await read(watching, 2) == [event("a"), Ended()]
        await renewal


async def test_an_exchange_during_an_exchange_neither_loses_nor_repeats_an_event() -> None:
    old, new, newest = Tap(), Tap(), Tap()
    one, exchange = hub(), Exchange(old, new, newest)
    async with one.watch(exchange.watch()) as watching:
        await until(lambda: old.open == 1)
        renewals = [asyncio.create_task(one.renew())]
        await until(lambda: new.open == 1)
        renewals.append(asyncio.create_task(one.renew()))
        for _ in range(50):
            await asyncio.sleep(0)
        for text, tap in zip("abcd", (old, new, new, newest), strict=True):
            tap.say(text)
            assert await read(watching, 1) == [event(text)]
            if text == "b":
                await until(lambda: newest.open == 1)
        await asyncio.gather(*renewals)
        await until(lambda: (old.open, new.open, newest.open) == (0, 0, 1))


async def test_of_two_renewals_at_once_both_keys_are_forgotten_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supergraph.subscriptions.feed.OVERLAP_SECONDS", 0.01)
    tap, one = Tap(), hub()
    keys = iter(["first", "second"])

    async def renew() -> Watch:
        key = next(keys)
        await asyncio.sleep(0)
        return Watch(key, tap.source)

    async with one.watch(Watch("key", tap.source, renew)):
        await asyncio.gather(one.renew(), one.renew())
    assert not one._shared


async def test_a_heartbeat_that_waits_costs_no_event() -> None:
    tap, one = Tap(), hub(events_max=2, beat=0.001)
    async with one.watch(shared(tap.source)) as quick, one.watch(shared(tap.source)) as slow:
        assert await read(quick, 1) == [HEARTBEAT]
        tap.say("a", "b")
        await until(lambda: tap.taken == 2)
        assert [item for item in await read(slow, 2) if item != HEARTBEAT][:1] == [event("a")]


async def test_a_silent_new_source_is_waited_for_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supergraph.subscriptions.feed.OVERLAP_SECONDS", 0.01)
    old, new = Tap(), Tap()
    one, exchange = hub(), Exchange(old, new)
    async with one.watch(exchange.watch()) as watching:
        await until(lambda: old.open == 1)
        await one.renew()
        await until(lambda: old.open == 0)
        new.say("a")
        assert await read(watching, 1) == [event("a")]


async def test_a_subscription_that_cannot_go_on_says_why() -> None:
    tap = Tap()
    one, exchange = hub(), Exchange(tap)
    async with one.watch(exchange.watch()) as watching:
        await one.renew()
        assert await read(watching, 1) == [Ended(b"no more")]
    assert tap.open == 0


async def test_clients_that_come_after_an_exchange_share_the_new_source() -> None:
    old, new = Tap(), Tap()
    one, exchange = hub(), Exchange(old, new)
    async with one.watch(exchange.watch()) as first:
        new.say("a")
        await one.renew()
        async with one.watch(exchange.watch(1)) as second:
            assert await read(first, 1) == await read(second, 1) == [event("a")]
    assert new.opened == 1
    assert new.open == 0


async def test_leaving_in_the_middle_of_an_exchange_closes_both() -> None:
    old, new = Tap(), Tap()
    one, exchange = hub(), Exchange(old, new)
    async with one.watch(exchange.watch()):
        await until(lambda: old.open == 1)
        renewal = asyncio.create_task(one.renew())
        await until(lambda: new.open == 1)
    assert new.open == 0
    await renewal
    await until(lambda: old.open == 0)


async def test_a_client_is_ended_when_its_time_is_over() -> None:
    tap, one = Tap(), hub()
    expired = Watch("key", tap.source, None, 0.01, Ended(b"expired"))
    async with one.watch(expired) as first, one.watch(shared(tap.source)) as second:
        assert await read(first, 1) == [Ended(b"expired")]
        tap.say("a")
        assert await read(second, 1) == [event("a")]
