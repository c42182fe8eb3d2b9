"""Publishing and subscribing, in memory and through a real Redis that is killed and comes back."""

import asyncio
import logging

import pytest

from broadcasting.broadcast import (
    Broadcast,
    BroadcastUnavailableError,
    Event,
    Gap,
    open_broadcast,
)
from subgraphs.demo.installed_servers import RedisServer
from subgraphs.demo.processes import free_port
from tests.kit.broadcasts import read, read_until

WAIT_SECONDS = 10.0


async def test_the_first_subscription_of_a_process_hears(broadcast: Broadcast) -> None:
    async with broadcast.subscribe("news") as subscriber:
        await broadcast.publish("news", "hello")

        assert await read(subscriber) == Event("news", "hello")


async def test_subscribers_that_come_at_once_all_hear(broadcast: Broadcast) -> None:
    subscribed = asyncio.Barrier(21)

    async def listen() -> Event | Gap | None:
        async with broadcast.subscribe("news") as subscriber:
            await subscribed.wait()
            return await read(subscriber)

    async with asyncio.TaskGroup() as group:
        listeners = [group.create_task(listen()) for _ in range(20)]
        await subscribed.wait()
        await broadcast.publish("news", "hello")

    assert [task.result() for task in listeners] == [Event("news", "hello")] * 20


async def test_leaving_and_coming_back_at_once_still_hears(broadcast: Broadcast) -> None:
    for number in range(20):
        async with broadcast.subscribe("news") as subscriber:
            await broadcast.publish("news", str(number))
            assert await read(subscriber) == Event("news", str(number))


async def test_a_thousand_channels(broadcast: Broadcast) -> None:
    ready = asyncio.Barrier(1001)

    async def listen(channel: str) -> bool:
        async with broadcast.subscribe(channel) as subscriber:
            await ready.wait()
            return await read(subscriber) == Event(channel, channel)

    async with asyncio.TaskGroup() as group:
        listeners = [group.create_task(listen(f"channel-{i}")) for i in range(1000)]
        await ready.wait()
        for number in range(1000):
            await broadcast.publish(f"channel-{number}", f"channel-{number}")

    assert all(task.result() for task in listeners)


async def test_a_slow_reader_loses_the_oldest_and_is_told(broadcast: Broadcast) -> None:
    async with (
        broadcast.subscribe("news", queue_events_max=3) as slow,
        broadcast.subscribe("news") as quick,
    ):
        for number in range(10):
            await broadcast.publish("news", str(number))
        await read_until(quick, Event("news", "9"))

        assert await read(slow) == Gap("news")
        assert [await read(slow) for _ in range(3)] == [Event("news", n) for n in "789"]


async def test_a_conflating_reader_gets_the_latest_of_each_key(broadcast: Broadcast) -> None:
    async with (
        broadcast.subscribe("news", conflate_by=lambda message: message[0]) as slow,
        broadcast.subscribe("news") as quick,
    ):
        for number in range(10):
            await broadcast.publish("news", f"a{number}")
            await broadcast.publish("news", f"b{number}")
        await read_until(quick, Event("news", "b9"))

        assert [await read(slow), await read(slow)] == [Event("news", "a9"), Event("news", "b9")]


async def test_closing_ends_the_readers() -> None:
    broadcast = open_broadcast(None)
    await broadcast.connect()
    async with broadcast.subscribe("news") as subscriber:
        await broadcast.disconnect()

        assert [item async for item in subscriber] == []


async def test_after_a_crash_of_redis_readers_get_a_gap_and_then_messages(
    redis_server: RedisServer,
) -> None:
    async with (
        open_broadcast(redis_server.url) as broadcast,
        broadcast.subscribe("a") as first,
        broadcast.subscribe("b") as second,
    ):
        redis_server.kill()
        with pytest.raises(BroadcastUnavailableError):
            await broadcast.publish("a", "lost")
        await asyncio.to_thread(redis_server.restart)

        assert await read(first) == Gap("a")
        assert await read(second) == Gap("b")
        await broadcast.publish("a", "found")
        await broadcast.publish("b", "found")
        assert await read(first) == Event("a", "found")
        assert await read(second) == Event("b", "found")


async def test_redis_that_is_down_at_start_is_waited_for(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.kill()
    broadcast = open_broadcast(redis_server.url, confirm_seconds=0.05)
    with caplog.at_level(logging.INFO):
        async with broadcast, broadcast.subscribe("news") as subscriber:
            await asyncio.to_thread(redis_server.restart)

            assert await read(subscriber) == Gap("news")
            await broadcast.publish("news", "hello")
            assert await read(subscriber) == Event("news", "hello")
    assert "Redis is unreachable for subscriptions, will keep trying" in caplog.text
    assert "Redis is back" in caplog.text


async def test_a_publisher_is_told_within_a_bounded_time_that_redis_is_down() -> None:
    async with open_broadcast(f"redis://127.0.0.1:{free_port()}/0") as broadcast:
        async with asyncio.timeout(WAIT_SECONDS):
            with pytest.raises(BroadcastUnavailableError, match="is not available"):
                await broadcast.publish("news", "hello")
