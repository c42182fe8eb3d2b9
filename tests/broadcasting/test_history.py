"""Channels that keep what was sent, in memory and in a real Redis: the same promises."""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest

from broadcasting import Broadcast, CaughtUp, Gap, HistoryLimits, Kept, WhenFull, open_broadcast
from broadcasting.events import EventId
from broadcasting.history import PAGE_EVENTS
from broadcasting.memory_backend import MemoryBackend
from broadcasting.memory_history import MemoryHistory
from tests.kit.broadcasts import fresh_channel, read, read_many, read_until


async def append_many(broadcast: Broadcast, channel: str, count: int) -> list[Kept]:
    return [
        Kept(channel, str(number), await broadcast.append(channel, str(number)))
        for number in range(count)
    ]


async def test_without_an_id_a_follower_begins_now(broadcast: Broadcast) -> None:
    channel = fresh_channel()
    await broadcast.append(channel, "before")
    async with broadcast.follow(channel) as follower:
        event_id = await broadcast.append(channel, "after")

        assert await read(follower) == Kept(channel, "after", event_id)


async def test_the_second_follower_of_a_channel_begins_now_too(broadcast: Broadcast) -> None:
    channel = fresh_channel()
    async with broadcast.follow(channel) as first:
        await broadcast.append(channel, "before")
        async with broadcast.follow(channel) as second:
            event_id = await broadcast.append(channel, "after")

            assert await read(second) == Kept(channel, "after", event_id)
        assert [item.message for item in await read_many(first, 2) if isinstance(item, Kept)] == [
            "before",
            "after",
        ]


async def test_who_comes_back_reads_what_was_missed_and_then_what_comes(
    broadcast: Broadcast,
) -> None:
    channel = fresh_channel()
    sent = await append_many(broadcast, channel, 5)
    async with broadcast.follow(channel, after=sent[1].id) as follower:
        assert await read_many(follower, 4) == [*sent[2:], CaughtUp(channel)]

        live = Kept(channel, "live", await broadcast.append(channel, "live"))
        assert await read(follower) == live


async def test_who_missed_nothing_is_caught_up_at_once(broadcast: Broadcast) -> None:
    channel = fresh_channel()
    sent = await append_many(broadcast, channel, 2)
    async with broadcast.follow(channel, after=sent[-1].id) as follower:
        assert await read(follower) == CaughtUp(channel)


async def test_history_of_several_pages_comes_whole_and_in_order(broadcast: Broadcast) -> None:
    channel = fresh_channel()
    sent = await append_many(broadcast, channel, 3 * PAGE_EVENTS + 1)
    async with broadcast.follow(channel, after=sent[0].id) as follower:
        assert await read_until(follower, CaughtUp(channel)) == sent[1:]


@pytest.mark.parametrize(
    "after",
    ["", "1-1", "7", "x", "99999999999999-0", f"{2**64}-0", "1-0\n", "٣-٣", "-", "1-2-3"],
)
async def test_an_id_that_nobody_knows_is_a_gap_and_then_live(
    broadcast: Broadcast, after: str
) -> None:
    channel = fresh_channel()
    await append_many(broadcast, channel, 3)
    async with broadcast.follow(channel, after=after) as follower:
        assert await read(follower) == Gap(channel)

        event_id = await broadcast.append(channel, "live")
        assert await read(follower) == Kept(channel, "live", event_id)


async def test_the_place_of_a_follower_can_be_followed_after(broadcast: Broadcast) -> None:
    channel = fresh_channel()
    async with broadcast.follow(channel) as follower:
        empty = follower.position
    sent = await append_many(broadcast, channel, 2)
    async with broadcast.follow(channel, after=empty) as follower:
        assert await read(follower) == sent[0]
        assert follower.position == sent[0].id
        assert await read_until(follower, CaughtUp(channel)) == sent[1:]
        place = follower.position
    assert place == sent[-1].id
    later = await append_many(broadcast, channel, 1)
    async with broadcast.follow(channel, after=place) as follower:
        assert await read_until(follower, CaughtUp(channel)) == later


async def test_an_id_that_was_trimmed_is_a_gap_and_then_live(broadcast_url: str | None) -> None:
    channel = fresh_channel()
    async with open_broadcast(broadcast_url, limits=HistoryLimits(events_max=100)) as broadcast:
        sent = await append_many(broadcast, channel, 500)
        async with broadcast.follow(channel, after=sent[100].id) as follower:
            assert await read(follower) == Gap(channel)

            event_id = await broadcast.append(channel, "live")
            assert await read(follower) == Kept(channel, "live", event_id)


async def test_who_is_too_far_behind_gets_a_gap_and_then_live(broadcast_url: str | None) -> None:
    channel = fresh_channel()
    limits = HistoryLimits(catch_up_events_max=PAGE_EVENTS)
    async with open_broadcast(broadcast_url, limits=limits) as broadcast:
        sent = await append_many(broadcast, channel, 2 * PAGE_EVENTS + 1)
        async with broadcast.follow(channel, after=sent[0].id) as follower:
            assert await read_until(follower, Gap(channel)) == sent[1 : PAGE_EVENTS + 1]

            event_id = await broadcast.append(channel, "live")
            assert await read(follower) == Kept(channel, "live", event_id)


async def test_trimming_under_a_reader_that_is_catching_up_is_a_gap(
    broadcast_url: str | None,
) -> None:
    channel = fresh_channel()
    async with open_broadcast(
        broadcast_url, limits=HistoryLimits(events_max=2 * PAGE_EVENTS)
    ) as broadcast:
        sent = await append_many(broadcast, channel, 2 * PAGE_EVENTS)
        async with broadcast.follow(channel, after=sent[0].id) as follower:
            assert await read(follower) == sent[1]
            await append_many(broadcast, channel, 4 * PAGE_EVENTS)

            assert await read_until(follower, Gap(channel)) == sent[2 : PAGE_EVENTS + 1]


async def test_nothing_is_lost_or_told_twice_between_history_and_live(
    broadcast: Broadcast,
) -> None:
    """Readers begin at every point of a stream that is being written."""
    channel = fresh_channel()
    sent = await append_many(broadcast, channel, 50)

    async def come_back(place: int) -> list[object]:
        async with broadcast.follow(channel, after=sent[place].id) as follower:
            items = await read_until(follower, Kept(channel, "end", await ended))
        return [item.message for item in items if isinstance(item, Kept)]

    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        readers = []
        for number in range(50, 250):
            sent.append(Kept(channel, str(number), await broadcast.append(channel, str(number))))
            readers.append(group.create_task(come_back(number - 50)))
        ended.set_result(await broadcast.append(channel, "end"))

    for place, reader in enumerate(readers):
        assert reader.result() == [str(number) for number in range(place + 1, 250)]


async def test_joining_beside_another_follower_reads_what_lies_between(
    broadcast: Broadcast,
) -> None:
    channel = fresh_channel()
    first_id = await broadcast.append(channel, "first")
    async with (
        broadcast.follow(channel) as live,
        broadcast.follow(channel, after=first_id) as returning,
    ):
        numbers = range(3 * PAGE_EVENTS)

        async def append_all() -> None:
            for number in numbers:
                await broadcast.append(channel, str(number))

        async with asyncio.TaskGroup() as group:
            group.create_task(append_all())
            items = await read_many(returning, len(numbers) + 1)

        assert await read_many(live, len(numbers)) == [i for i in items if isinstance(i, Kept)]
        assert items.count(CaughtUp(channel)) == 1


class BusyHistory(MemoryHistory):
    """Events come after a page was read, before its reader has it."""

    busy_pages = 0

    async def page_after(self, channel: str, position: EventId) -> Sequence[Kept] | None:
        page = await super().page_after(channel, position)
        if self.busy_pages:
            self.busy_pages -= 1
            await self.append(channel, "between")
        return page


@pytest.mark.parametrize("is_alone", [True, False])
async def test_an_event_that_comes_while_joining_is_told_once(is_alone: bool) -> None:
    history = BusyHistory()
    async with Broadcast(MemoryBackend(), history) as broadcast, AsyncExitStack() as others:
        if not is_alone:
            await others.enter_async_context(broadcast.follow("orders"))
        seen = await broadcast.append("orders", "seen")
        history.busy_pages = 1
        async with broadcast.follow("orders", after=seen) as follower:
            missed = await read_until(follower, CaughtUp("orders"))
            event_id = await broadcast.append("orders", "live")

            assert [item.message for item in missed if isinstance(item, Kept)] == ["between"]
            assert await read(follower) == Kept("orders", "live", event_id)


async def test_a_slow_follower_loses_the_oldest_and_is_told(broadcast: Broadcast) -> None:
    channel = fresh_channel()
    async with (
        broadcast.follow(channel, queue_events_max=3) as slow,
        broadcast.follow(channel) as quick,
    ):
        sent = await append_many(broadcast, channel, 10)
        assert await read_many(quick, 10) == sent

        assert await read_many(slow, 4) == [Gap(channel), *sent[7:]]


async def test_a_slow_follower_may_read_again_and_loses_nothing(broadcast: Broadcast) -> None:
    channel = fresh_channel()
    async with (
        broadcast.follow(channel, queue_events_max=3, when_full=WhenFull.READ_AGAIN) as slow,
        broadcast.follow(channel) as quick,
    ):
        sent = await append_many(broadcast, channel, 2)
        assert await read_many(quick, 2) == await read_many(slow, 2) == sent
        sent = await append_many(broadcast, channel, 10)
        assert await read_many(quick, 10) == sent

        assert await read_many(slow, 11) == [*sent, CaughtUp(channel)]
        sent = await append_many(broadcast, channel, 1)
        assert await read(slow) == sent[0]


async def test_a_slow_follower_that_reads_again_too_late_is_told(
    broadcast_url: str | None,
) -> None:
    channel = fresh_channel()
    async with (
        open_broadcast(broadcast_url, limits=HistoryLimits(events_max=100)) as broadcast,
        broadcast.follow(channel, queue_events_max=3, when_full=WhenFull.READ_AGAIN) as slow,
        broadcast.follow(channel) as quick,
    ):
        sent = await append_many(broadcast, channel, 500)
        assert await read_many(quick, 500) == sent

        assert await read(slow) == Gap(channel)
        sent = await append_many(broadcast, channel, 1)
        assert await read(slow) == sent[0]


async def test_waiting_that_is_cancelled_loses_nothing(broadcast: Broadcast) -> None:
    channel = fresh_channel()
    sent = await append_many(broadcast, channel, PAGE_EVENTS + 10)
    async with broadcast.follow(channel, after=sent[0].id) as follower:
        items: list[object] = []
        turns = 0
        while not (items and isinstance(items[-1], CaughtUp)):
            waiting = asyncio.create_task(follower.get())
            # Cancelled a step later each time, until it is done.
            for _ in range(turns):
                await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            if waiting.cancelled():
                turns += 1
            else:
                items.append(waiting.result())
                turns = 0

    assert items == [*sent[1:], CaughtUp(channel)]


async def test_kept_and_passing_channels_of_one_name_are_apart(broadcast: Broadcast) -> None:
    channel = fresh_channel()
    async with broadcast.follow(channel) as follower, broadcast.subscribe(channel) as subscriber:
        await broadcast.publish(channel, "passing")
        event_id = await broadcast.append(channel, "kept")

        assert await read(follower) == Kept(channel, "kept", event_id)
        item = await read(subscriber)
        assert item is not None
        assert not isinstance(item, Gap)
        assert item.message == "passing"


async def test_ids_rise_by_the_order_of_calls(broadcast: Broadcast) -> None:
    channel = fresh_channel()
    texts = await asyncio.gather(*(broadcast.append(channel, str(n)) for n in range(300)))
    ids = [EventId.parse(text) for text in texts]

    assert None not in ids
    assert all(a < b for a, b in itertools.pairwise(ids) if a is not None and b is not None)


async def test_closing_ends_the_followers(broadcast_url: str | None) -> None:
    channel = fresh_channel()
    broadcast = open_broadcast(broadcast_url)
    await broadcast.connect()
    last_id = await broadcast.append(channel, "kept")
    async with (
        broadcast.follow(channel) as live,
        broadcast.follow(channel, after=last_id) as behind,
    ):
        waiting = asyncio.create_task(read(live))
        await broadcast.disconnect()

        assert await waiting is None
        assert [item async for item in live] == []
        assert [item async for item in behind] == []


@pytest.mark.parametrize("after", [None, "known", "unknown"])
async def test_who_leaves_while_waiting_elsewhere_leaves_nothing(
    broadcast_url: str | None, after: str | None
) -> None:
    channel = fresh_channel()
    async with open_broadcast(broadcast_url) as broadcast:
        known = await broadcast.append(channel, "kept")
        after = known if after == "known" else after
        async with broadcast.follow(channel, after=after) as follower:
            waiting = asyncio.create_task(read_until(follower, None))
            await asyncio.sleep(0)
        await waiting

        assert not broadcast._history._live


async def test_memory_forgets_the_channel_that_was_used_least_recently() -> None:
    async with open_broadcast(None, limits=HistoryLimits(channels_max=2)) as broadcast:
        ids = {name: await broadcast.append(name, "first") for name in ("a", "b")}
        await broadcast.append("b", "second")
        async with broadcast.follow("a", after=ids["a"]) as follower:
            assert await read(follower) == CaughtUp("a")
        await broadcast.append("c", "first")

        async with broadcast.follow("a", after=ids["a"]) as follower:
            assert await read(follower) == CaughtUp("a")
        async with broadcast.follow("b", after=ids["b"]) as follower:
            assert await read(follower) == Gap("b")
