"""Publishing and subscribing, in memory and through a real Redis that is killed and comes back."""

import asyncio
import logging
from typing import Any

import pytest

from broadcasting import (
    Broadcast,
    BroadcastUnavailableError,
    Event,
    Gap,
    Kept,
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


@pytest.mark.parametrize("way", ["subscribe", "follow"])
async def test_a_name_that_cannot_be_sent_is_refused_and_harms_nobody_else(
    broadcast: Broadcast, way: str
) -> None:
    async with broadcast.subscribe("news") as subscriber:
        with pytest.raises(ValueError, match="surrogates"):
            async with getattr(broadcast, way)("\ud800"):
                pass
        await broadcast.publish("news", "hello")

        assert await read(subscriber) == Event("news", "hello")


async def test_what_cannot_be_sent_fails_its_own_sender_only(redis_server: RedisServer) -> None:
    no_text: Any = None
    async with open_broadcast(redis_server.url) as broadcast:
        answers = await asyncio.gather(
            broadcast.append("orders", "good"),
            broadcast.append("orders", "\ud800"),
            broadcast.append("orders", no_text),
            broadcast.publish("orders", "\ud800"),
            broadcast.publish("orders", "good"),
            return_exceptions=True,
        )

    assert [type(answer) for answer in answers] == [
        *(str, UnicodeEncodeError, TypeError, UnicodeEncodeError, type(None)),
    ]


async def test_a_broadcast_may_be_connected_again(broadcast: Broadcast) -> None:
    await broadcast.disconnect()
    await broadcast.connect()
    async with broadcast.subscribe("news") as subscriber, broadcast.follow("orders") as follower:
        await broadcast.publish("news", "hello")
        await broadcast.append("orders", "hello")

        assert await read(subscriber) == Event("news", "hello")
        assert isinstance(await read(follower), Kept)


async def test_who_comes_after_connecting_again_hears_though_others_have_not_left_yet(
    broadcast: Broadcast,
) -> None:
    async with broadcast.subscribe("news"), broadcast.follow("orders"):
        await broadcast.disconnect()
        await broadcast.connect()
        async with (
            broadcast.subscribe("news") as subscriber,
            broadcast.follow("orders") as follower,
        ):
            await broadcast.publish("news", "hello")
            event_id = await broadcast.append("orders", "hello")

            assert await read(subscriber) == Event("news", "hello")
            assert await read(follower) == Kept("orders", "hello", event_id)


async def test_who_publishes_while_the_broadcast_closes_is_told(redis_server: RedisServer) -> None:
    broadcast = open_broadcast(redis_server.url)
    await broadcast.connect()
    sending = [asyncio.ensure_future(broadcast.append("orders", str(n))) for n in range(1_000)]
    await asyncio.sleep(0)
    await broadcast.disconnect()

    async with asyncio.timeout(10):
        answers = await asyncio.gather(*sending, return_exceptions=True)
    assert {type(answer) for answer in answers} <= {str, BroadcastUnavailableError}


async def test_a_reader_that_cannot_tell_a_key_gets_a_gap_and_the_others_hear(
    broadcast: Broadcast, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        broadcast.subscribe("news", conflate_by=lambda message: message[5]) as faulty,
        broadcast.subscribe("news") as other,
    ):
        await broadcast.publish("news", "x")
        await broadcast.publish("news", "longer")

        assert await read_until(other, Event("news", "longer")) == [Event("news", "x")]
        assert await read(faulty) == Gap("news")
        assert await read(faulty) == Event("news", "longer")
    assert "could not be delivered" in caplog.text
