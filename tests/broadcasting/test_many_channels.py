"""Ten thousand channels at once, and ten thousand one after the other."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
import redis.asyncio as redis

from broadcasting import (
    Broadcast,
    Event,
    Follower,
    Gap,
    Kept,
    Subscriber,
    open_broadcast,
    stream_reader,
)
from broadcasting.redis_history import RedisHistory
from broadcasting.stream_reader import CHANNELS_MAX
from subgraphs.demo.installed_servers import RedisServer
from tests.kit.broadcasts import append_surely, fresh_channel, read, read_until

CHANNELS = 10_000
#: A busy machine must not make gaps.
CONFIRM_SECONDS = 30.0


@pytest.fixture
async def broadcast(redis_server: RedisServer) -> AsyncGenerator[Broadcast]:
    async with open_broadcast(redis_server.url, confirm_seconds=CONFIRM_SECONDS) as opened:
        yield opened


async def test_more_channels_than_one_connection_reads_all_hear(
    broadcast: Broadcast, redis_server: RedisServer
) -> None:
    prefix = fresh_channel()
    count = CHANNELS_MAX + 1
    ready = asyncio.Barrier(count + 1)

    async def listen(number: int) -> bool:
        async with broadcast.follow(f"{prefix}:{number}") as follower:
            await ready.wait()
            item = await read(follower)
        return isinstance(item, Kept) and item.message == str(number)

    async with asyncio.TaskGroup() as group:
        listeners = [group.create_task(listen(number)) for number in range(count)]
        await ready.wait()
        await asyncio.gather(*(broadcast.append(f"{prefix}:{n}", str(n)) for n in range(count)))

    assert all(listener.result() for listener in listeners)


async def test_a_channel_is_heard_at_once_while_the_connection_waits_for_others(
    broadcast: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_reader, "BLOCK_SECONDS", 10_000)
    monkeypatch.setattr(stream_reader, "SILENCE_SECONDS", 10_000)
    async with contextlib.AsyncExitStack() as followers:
        for _ in range(20):
            channel = fresh_channel()
            follower = await followers.enter_async_context(broadcast.follow(channel))
            event_id = await broadcast.append(channel, "text")

            assert await read(follower) == Kept(channel, "text", event_id)


async def test_who_leaves_at_once_disturbs_no_connection(
    broadcast: Broadcast, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(100):
        async with broadcast.follow(fresh_channel()):
            pass
    history = broadcast._history
    assert isinstance(history, RedisHistory)
    for reader in history._readers:
        assert reader._additions_sent == reader._additions, "nobody needs to be told"

    channel = fresh_channel()
    async with broadcast.follow(channel) as follower:
        event_id = await broadcast.append(channel, "text")
        assert await read(follower) == Kept(channel, "text", event_id)
    assert not caplog.records


async def in_batches(count: int, work: Callable[[int], Awaitable[object]]) -> None:
    for start in range(0, count, 1_000):
        await asyncio.gather(*(work(number) for number in range(start, start + 1_000)))


@pytest.mark.long
async def test_ten_thousand_subscriptions_hear_before_and_after_a_restart(
    broadcast: Broadcast, redis_server: RedisServer
) -> None:
    prefix = fresh_channel()
    ready = asyncio.Barrier(CHANNELS + 1)
    heard = asyncio.Barrier(CHANNELS + 1)

    async def listen(number: int) -> None:
        channel = f"{prefix}:{number}"
        async with broadcast.subscribe(channel) as subscriber:
            await ready.wait()
            assert await read(subscriber) == Event(channel, "one")
            await heard.wait()
            assert await read(subscriber) == Gap(channel)
            await ready.wait()
            assert await read_until(subscriber, Event(channel, "two")) == []

    async with asyncio.TaskGroup() as group:
        for number in range(CHANNELS):
            group.create_task(listen(number))
        await ready.wait()
        await in_batches(CHANNELS, lambda n: broadcast.publish(f"{prefix}:{n}", "one"))
        await heard.wait()
        redis_server.kill()
        await asyncio.to_thread(redis_server.restart)
        await ready.wait()
        await in_batches(CHANNELS, lambda n: broadcast.publish(f"{prefix}:{n}", "two"))


@pytest.mark.long
async def test_ten_thousand_followers_hear_before_and_after_a_restart(
    durable_redis: RedisServer,
) -> None:
    prefix = fresh_channel()
    ready = asyncio.Barrier(CHANNELS + 1)
    heard = asyncio.Barrier(CHANNELS + 1)

    async def listen(number: int) -> None:
        channel = f"{prefix}:{number}"
        async with durable.follow(channel) as follower:
            await ready.wait()
            for message in ("one", "two"):
                item = await read(follower)
                assert isinstance(item, Kept)
                assert (item.channel, item.message) == (channel, message)
                await heard.wait()

    async with (
        open_broadcast(durable_redis.url, confirm_seconds=CONFIRM_SECONDS) as durable,
        asyncio.TaskGroup() as group,
    ):
        for number in range(CHANNELS):
            group.create_task(listen(number))
        await ready.wait()
        await in_batches(CHANNELS, lambda n: durable.append(f"{prefix}:{n}", "one"))
        await heard.wait()
        durable_redis.kill()
        await asyncio.to_thread(durable_redis.restart)
        await in_batches(CHANNELS, lambda n: append_surely(durable, f"{prefix}:{n}", "two"))
        await heard.wait()


@pytest.mark.long
async def test_ten_thousand_readers_that_come_and_go_leave_nothing_behind(
    broadcast: Broadcast, redis_server: RedisServer
) -> None:
    prefix = fresh_channel()

    async def come_and_go(number: int) -> None:
        channel = f"{prefix}:{number}"
        async with broadcast.subscribe(channel), broadcast.follow(channel, after="1-1"):
            pass
        async with broadcast.follow(channel) as follower:
            event_id = await broadcast.append(channel, "text")
            assert await read(follower) == Kept(channel, "text", event_id)

    async with redis.Redis.from_url(redis_server.url, protocol=2) as client:
        await come_and_go(CHANNELS)
        tasks = len(asyncio.all_tasks())
        connections = len(await client.client_list())
        await in_batches(CHANNELS, come_and_go)
        # Its acknowledgement says that what was queued before it has reached Redis.
        async with broadcast.subscribe("last"):
            pass

        assert len(asyncio.all_tasks()) == tasks
        assert len(await client.client_list()) == connections
        assert await client.pubsub_channels(f"{prefix}:*") == []
    assert not broadcast._readers
    assert not broadcast._followers
    assert not broadcast._live
    assert not broadcast._history._live
    gc.collect()
    left = [item for item in gc.get_objects() if isinstance(item, Follower | Subscriber)]
    assert len(left) <= 1  # The one that the listener told last.
