"""What the `broadcaster` library does wrong with Redis, and this package does not."""

import asyncio

from broadcasting import Broadcast, Event, Gap, open_broadcast
from subgraphs.demo.installed_servers import RedisServer
from tests.kit.broadcasts import fresh_channel, read, read_many, read_until


async def test_the_first_subscription_of_a_process_is_not_deaf(redis_server: RedisServer) -> None:
    async with (
        open_broadcast(redis_server.url) as broadcast,
        broadcast.subscribe("only") as subscriber,
    ):
        for number in range(500):
            await broadcast.publish("only", str(number))

            assert await read(subscriber) == Event("only", str(number))


async def test_fifty_subscribers_that_race_to_a_new_channel_all_hear_and_leave(
    redis_server: RedisServer,
) -> None:
    async with open_broadcast(redis_server.url) as broadcast:
        for _ in range(10):
            await fifty_race(broadcast, fresh_channel())


async def fifty_race(broadcast: Broadcast, channel: str) -> None:
    subscribed = asyncio.Barrier(51)

    async def listen() -> object:
        async with broadcast.subscribe(channel) as subscriber:
            await subscribed.wait()
            return await read(subscriber)

    async with asyncio.TaskGroup() as group:
        listeners = [group.create_task(listen()) for _ in range(50)]
        await subscribed.wait()
        await broadcast.publish(channel, "hello")

    assert [task.result() for task in listeners] == [Event(channel, "hello")] * 50


async def test_a_restart_of_redis_leaves_no_subscriber_hanging(redis_server: RedisServer) -> None:
    async with (
        open_broadcast(redis_server.url) as broadcast,
        broadcast.subscribe("news") as subscriber,
    ):
        for number in range(3):
            redis_server.kill()
            await asyncio.to_thread(redis_server.restart)
            assert await read(subscriber) == Gap("news")

            await broadcast.publish("news", str(number))
            assert await read(subscriber) == Event("news", str(number))


async def test_a_consumer_that_does_not_read_holds_a_bounded_queue(
    redis_server: RedisServer,
) -> None:
    channel = fresh_channel()
    count = 5_000
    async with (
        open_broadcast(redis_server.url) as broadcast,
        broadcast.subscribe(channel, queue_events_max=100) as idle,
        broadcast.subscribe(channel, queue_events_max=count) as quick,
    ):
        for start in range(0, count, 1_000):
            numbers = range(start, start + 1_000)
            await asyncio.gather(*(broadcast.publish(channel, str(n)) for n in numbers))
        await read_until(quick, Event(channel, str(count - 1)))

        assert await read(idle) == Gap(channel)
        last = [Event(channel, str(number)) for number in range(count - 100, count)]
        assert await read_many(idle, 100) == last
