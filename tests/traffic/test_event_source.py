"""Events of a gateway, from channels that keep what was sent and from those that do not."""

from collections.abc import AsyncGenerator

import pytest
import redis.asyncio as redis

from broadcasting import Broadcast, open_broadcast
from subgraphs.demo.installed_servers import RedisServer
from supergraph.traffic.events.source import QUEUE_EVENTS_MAX, BroadcastSource
from supergraph.traffic.events.transport import StreamEvent
from tests.kit.broadcasts import fresh_channel, read, read_many


@pytest.fixture(params=["memory", "redis"])
async def broadcast(request: pytest.FixtureRequest) -> AsyncGenerator[Broadcast]:
    url = None
    if request.param == "redis":
        url = request.getfixturevalue("redis_server").url
    async with open_broadcast(url) as opened:
        yield opened


async def test_events_of_a_durable_channel_have_ids_to_go_on_after(broadcast: Broadcast) -> None:
    source, channel = BroadcastSource(broadcast), fresh_channel()
    async with source.subscribe(channel, is_durable=True, resume_after=None) as reader:
        ids = [await broadcast.append(channel, str(number)) for number in range(3)]
        assert await read(reader) == StreamEvent("0", ids[0])

    async with source.subscribe(channel, is_durable=True, resume_after=ids[0]) as reader:
        # What follows the last event that was missed may be later than a snapshot.
        caught_up = StreamEvent(None)
        assert await read_many(reader, 3) == [*events(ids, 1), caught_up]


async def test_who_goes_on_after_an_event_that_is_unknown_is_told_to_look(
    broadcast: Broadcast,
) -> None:
    source, channel = BroadcastSource(broadcast), fresh_channel()
    async with source.subscribe(channel, is_durable=True, resume_after="nonsense") as reader:
        assert await read(reader) == StreamEvent(None)
        event_id = await broadcast.append(channel, "live")
        assert await read(reader) == StreamEvent("live", event_id)


async def test_a_slow_reader_of_a_durable_channel_gets_every_event(broadcast: Broadcast) -> None:
    source, channel = BroadcastSource(broadcast), fresh_channel()
    async with (
        source.subscribe(channel, is_durable=True, resume_after=None) as slow,
        broadcast.follow(channel) as quick,
    ):
        ids = [await broadcast.append(channel, str(n)) for n in range(3 * QUEUE_EVENTS_MAX)]
        await read_many(quick, len(ids))

        assert await read_many(slow, len(ids)) == events(ids, 0)


def events(ids: list[str], start: int) -> list[StreamEvent]:
    return [StreamEvent(str(number), ids[number]) for number in range(start, len(ids))]


async def test_a_slow_reader_of_a_passing_channel_gets_the_latest_event(
    broadcast: Broadcast,
) -> None:
    source, channel = BroadcastSource(broadcast), fresh_channel()
    async with (
        source.subscribe(channel, is_durable=False, resume_after=None) as slow,
        broadcast.subscribe(channel) as quick,
    ):
        for number in range(10):
            await broadcast.publish(channel, str(number))
        await read_many(quick, 10)

        assert await read(slow) == StreamEvent("9")


async def test_a_channel_whose_name_is_something_else_in_redis_is_closed(
    redis_server: RedisServer,
) -> None:
    channel = fresh_channel()
    client = redis.Redis.from_url(redis_server.url, protocol=2)
    await client.set(channel, "no stream")
    await client.aclose()
    async with open_broadcast(redis_server.url) as broadcast:
        source = BroadcastSource(broadcast)
        async with source.subscribe(channel, is_durable=True, resume_after=None) as reader:
            assert await read(reader) is None
