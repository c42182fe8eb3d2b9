"""A real Redis that is killed, stays away, comes back, or is not what it was."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import redis as blocking_redis
import redis.asyncio as redis

from broadcasting import (
    Broadcast,
    BroadcastUnavailableError,
    CaughtUp,
    Event,
    Follower,
    Gap,
    HistoryLimits,
    Kept,
    NotAStreamError,
    open_broadcast,
)
from broadcasting.redis_backend import RedisBackend
from broadcasting.redis_connection import connection_maker, stay_connected
from broadcasting.redis_history import RedisHistory
from subgraphs.demo.installed_servers import RedisServer
from tests.kit.broadcasts import append_surely, fresh_channel, read, read_many, read_until

OUTAGE_SECONDS = 10.0


def raw_client(server: RedisServer) -> "redis.Redis":
    return redis.Redis.from_url(server.url, protocol=2)


async def crash(server: RedisServer) -> None:
    server.kill()
    await asyncio.to_thread(server.restart)


async def test_followers_lose_nothing_when_a_durable_redis_is_killed(
    durable_redis: RedisServer,
) -> None:
    channel = fresh_channel()
    acknowledged: list[str] = []
    is_under_way = asyncio.Event()
    is_back = asyncio.Event()

    async def append_all(broadcast: Broadcast) -> None:
        number = 0
        while not is_back.is_set() or number % 100:
            acknowledged.append(await append_surely(broadcast, channel, str(number)))
            number += 1
            if number == 100:
                is_under_way.set()
        acknowledged.append(await append_surely(broadcast, channel, "end"))

    async with (
        open_broadcast(durable_redis.url) as writer,
        open_broadcast(durable_redis.url) as reader,
    ):
        first_id = await writer.append(channel, "first")
        async with (
            reader.follow(channel) as live,
            reader.follow(channel, after=first_id) as returning,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(append_all(writer))
            from_live = group.create_task(read_to_the_end(live))
            from_history = group.create_task(read_to_the_end(returning))
            await is_under_way.wait()
            await asyncio.to_thread(durable_redis.kill)
            await asyncio.to_thread(durable_redis.restart)
            is_back.set()

        for items in (from_live.result(), from_history.result()):
            ids = [item.id for item in items if isinstance(item, Kept)]
            assert not [item for item in items if isinstance(item, Gap)]
            assert len(set(ids)) == len(ids)
            assert set(acknowledged) <= set(ids)
            # An append that was not acknowledged before the crash may be there all the same.
            assert len(ids) - len(acknowledged) <= 1


async def read_to_the_end(follower: Follower) -> list[object]:
    items: list[object] = []
    while not (items and isinstance(items[-1], Kept) and items[-1].message == "end"):
        items.append(await read(follower))
    return items


async def test_followers_of_a_redis_that_forgot_everything_get_a_gap_and_then_live(
    redis_server: RedisServer,
) -> None:
    channel = fresh_channel()
    async with open_broadcast(redis_server.url) as broadcast, broadcast.follow(channel) as follower:
        event_id = await broadcast.append(channel, "before")
        assert await read(follower) == Kept(channel, "before", event_id)
        await crash(redis_server)

        assert await read(follower) == Gap(channel)
        event_id = await append_surely(broadcast, channel, "after")
        assert await read(follower) == Kept(channel, "after", event_id)


async def test_a_follower_of_a_channel_that_began_anew_with_lower_ids_is_not_deaf(
    redis_server: RedisServer,
) -> None:
    """A stream of a Redis whose clock was set back."""
    channel = fresh_channel()
    async with (
        raw_client(redis_server) as client,
        open_broadcast(redis_server.url) as broadcast,
        broadcast.follow(channel) as follower,
    ):
        await client.xadd(channel, {"message": "before"}, id="9999999999999-7")
        assert await read(follower) == Kept(channel, "before", "9999999999999-7")
        await crash(redis_server)
        assert await read(follower) == Gap(channel)

        await client.xadd(channel, {"message": "after"}, id="5-1")
        assert await read(follower) == Kept(channel, "after", "5-1")


async def test_a_channel_without_events_goes_on_without_a_gap(redis_server: RedisServer) -> None:
    channel = fresh_channel()
    async with open_broadcast(redis_server.url) as broadcast, broadcast.follow(channel) as follower:
        await crash(redis_server)
        event_id = await append_surely(broadcast, channel, "first")

        assert await read(follower) == Kept(channel, "first", event_id)


async def test_a_channel_whose_first_events_were_trimmed_while_away_has_a_gap(
    redis_server: RedisServer,
) -> None:
    channel = fresh_channel()
    async with open_broadcast(redis_server.url) as broadcast, broadcast.follow(channel) as follower:
        # Nothing of this yields to the loop, so the follower finds it done.
        redis_server.kill()
        redis_server.restart()
        append_at_once(redis_server, channel, 20, maxlen=15)
        assert await read(follower) == Gap(channel)

        live = Kept(channel, "live", await append_surely(broadcast, channel, "live"))
        await read_until(follower, live)


def append_at_once(server: RedisServer, channel: str, count: int, *, maxlen: int) -> None:
    client = blocking_redis.Redis.from_url(server.url)
    pipeline = client.pipeline(transaction=True)
    for number in range(count):
        pipeline.xadd(channel, {"message": str(number)}, maxlen=maxlen, approximate=False)
    pipeline.execute()
    client.close()


async def test_a_stream_that_is_trimmed_before_it_was_read_has_a_gap(
    redis_server: RedisServer,
) -> None:
    channel = fresh_channel()
    async with open_broadcast(redis_server.url) as broadcast, broadcast.follow(channel) as follower:
        first = Kept(channel, "first", await broadcast.append(channel, "first"))
        assert await read(follower) == first
        append_at_once(redis_server, channel, 3_000, maxlen=1_000)

        assert await read(follower) == Gap(channel)
        messages = [i.message for i in await read_many(follower, 1_000) if isinstance(i, Kept)]
        assert messages == [str(number) for number in range(2_000, 3_000)]


async def test_who_comes_back_while_redis_is_down_reads_on_when_it_is_there(
    durable_redis: RedisServer,
) -> None:
    channel = fresh_channel()
    async with open_broadcast(durable_redis.url) as broadcast:
        ids = [await broadcast.append(channel, str(number)) for number in range(3)]
        durable_redis.kill()
        async with broadcast.follow(channel, after=ids[0]) as follower:
            waiting = asyncio.create_task(read_many(follower, 3))
            await asyncio.to_thread(durable_redis.restart)

            assert await waiting == [
                Kept(channel, "1", ids[1]),
                Kept(channel, "2", ids[2]),
                CaughtUp(channel),
            ]


async def test_who_begins_while_redis_is_down_gets_a_gap_and_then_live(
    redis_server: RedisServer,
) -> None:
    redis_server.kill()
    channel = fresh_channel()
    broadcast = open_broadcast(redis_server.url, confirm_seconds=0.05)
    async with broadcast, broadcast.follow(channel) as follower:
        waiting = asyncio.create_task(read(follower))
        await asyncio.to_thread(redis_server.restart)

        assert await waiting == Gap(channel)
        event_id = await append_surely(broadcast, channel, "live")
        assert await read(follower) == Kept(channel, "live", event_id)


async def test_appending_while_redis_is_down_is_told_in_a_bounded_time(
    redis_server: RedisServer,
) -> None:
    async with open_broadcast(redis_server.url) as broadcast:
        redis_server.kill()
        async with asyncio.timeout(10):
            with pytest.raises(BroadcastUnavailableError, match="is not available"):
                await broadcast.append("news", "lost")


async def test_a_redis_that_takes_connections_but_does_not_answer_is_told_in_a_bounded_time() -> (
    None
):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with open_broadcast(f"redis://127.0.0.1:{port}/0") as broadcast, asyncio.timeout(10):
            answers = await asyncio.gather(
                *(broadcast.append("news", str(number)) for number in range(1_000)),
                return_exceptions=True,
            )

    assert {type(answer) for answer in answers} == {BroadcastUnavailableError}


async def test_a_redis_that_takes_a_connection_but_does_not_answer_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("broadcasting.redis_connection.CONNECT_SECONDS", 0.05)
    async with silent_redis() as (url, taken), open_broadcast(url), asyncio.timeout(10):
        for _ in range(2):
            await taken.get()


async def test_closing_ends_at_once_who_waits_for_an_answer_of_redis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("broadcasting.follower.RETRY_SECONDS_MIN", 1_000.0)
    async with (
        silent_redis() as (url, taken),
        open_broadcast(url) as broadcast,
        broadcast.follow("orders", after="1-1") as behind,
    ):
        waiting = asyncio.create_task(read(behind))
        for _ in ("subscriptions", "commands"):
            await taken.get()
        await broadcast.disconnect()

        assert await waiting is None


@asynccontextmanager
async def silent_redis() -> AsyncGenerator[tuple[str, asyncio.Queue[asyncio.StreamWriter]]]:
    """The URL of something that takes connections and never answers, and those it took."""
    taken: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.put_nowait(writer)
        await reader.read()  # Until it is given up.
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0", taken


@pytest.mark.long
async def test_an_outage_of_ten_seconds_is_survived(durable_redis: RedisServer) -> None:
    channel = fresh_channel()
    async with (
        open_broadcast(durable_redis.url) as broadcast,
        broadcast.subscribe(channel) as subscriber,
        broadcast.follow(channel) as follower,
    ):
        before = Kept(channel, "before", await broadcast.append(channel, "before"))
        durable_redis.kill()
        # The length of the outage is what is tested here.
        await asyncio.sleep(OUTAGE_SECONDS)
        await asyncio.to_thread(durable_redis.restart)

        assert await read(subscriber) == Gap(channel)
        await broadcast.publish(channel, "after")
        assert await read(subscriber) == Event(channel, "after")
        after = Kept(channel, "after", await broadcast.append(channel, "after"))
        assert await read_many(follower, 2) == [before, after]


async def test_subscribers_that_come_and_go_while_redis_is_down_leave_nothing(
    redis_server: RedisServer,
) -> None:
    redis_server.kill()
    url = redis_server.url
    backend = RedisBackend(url)
    async with Broadcast(backend, RedisHistory(url), confirm_seconds=0.0) as broadcast:
        for number in range(1_000):
            async with broadcast.subscribe(f"channel-{number}"), broadcast.follow(str(number)):
                pass

        assert not backend._changed
        assert not backend._wanted


async def test_bytes_that_are_no_text_make_nobody_deaf(redis_server: RedisServer) -> None:
    channel = fresh_channel()
    async with (
        raw_client(redis_server) as client,
        open_broadcast(redis_server.url) as broadcast,
        broadcast.subscribe(channel) as subscriber,
        broadcast.follow(channel) as follower,
    ):
        await client.publish(channel, b"\xff")
        await client.xadd(channel, {b"message": b"\xff"})
        await client.xadd(channel, {b"other": b"field"})
        await broadcast.publish(channel, "text")
        await broadcast.append(channel, "text")

        assert await read_many(subscriber, 2) == [Event(channel, "\ufffd"), Event(channel, "text")]
        items = await read_many(follower, 3)
        assert [i.message for i in items if isinstance(i, Kept)] == ["\ufffd", "", "text"]


async def test_a_key_that_is_no_stream_is_refused_and_harms_nobody_else(
    redis_server: RedisServer,
) -> None:
    channel = fresh_channel()
    other = fresh_channel()
    async with raw_client(redis_server) as client, open_broadcast(redis_server.url) as broadcast:
        await client.set(channel, "no stream")
        for after in (None, "1-1"):
            async with broadcast.follow(channel, after=after) as follower:
                with pytest.raises(NotAStreamError):
                    await read(follower)
        with pytest.raises(NotAStreamError):
            await broadcast.append(channel, "text")
        async with broadcast.follow(other) as follower:
            event_id = await broadcast.append(other, "text")
            assert await read(follower) == Kept(other, "text", event_id)


async def test_a_stream_that_is_replaced_by_something_else_ends_its_followers_only(
    redis_server: RedisServer,
) -> None:
    channel = fresh_channel()
    other = fresh_channel()
    async with (
        raw_client(redis_server) as client,
        open_broadcast(redis_server.url) as broadcast,
        broadcast.follow(channel) as replaced,
        broadcast.follow(other) as follower,
    ):
        await broadcast.append(channel, "text")
        await read(replaced)
        await client.delete(channel)
        await client.set(channel, "no stream")
        await client.client_kill_filter(_type="normal", skipme=True)

        assert await read(replaced) is None
        event_id = await append_surely(broadcast, other, "text")
        assert await read(follower) == Kept(other, "text", event_id)

        # It is a stream again before they have left.
        await client.delete(channel)
        async with broadcast.follow(channel) as again:
            event_id = await broadcast.append(channel, "text")
            assert await read(again) == Kept(channel, "text", event_id)


async def test_a_reader_whose_key_gets_another_type_while_it_is_read_goes_on_with_the_others(
    redis_server: RedisServer,
) -> None:
    replaced = fresh_channel()
    other = fresh_channel()
    async with (
        raw_client(redis_server) as client,
        open_broadcast(redis_server.url) as broadcast,
        broadcast.follow(other) as follower,
        broadcast.follow(replaced) as ended,
    ):
        await client.set(replaced, "no stream")
        # The next command to read both is refused.
        await broadcast.append(other, "first")
        await broadcast.append(other, "second")

        assert [i.message for i in await read_many(follower, 2) if isinstance(i, Kept)] == [
            "first",
            "second",
        ]
        assert await read(ended) is None


async def test_a_channel_nobody_appends_to_is_forgotten_by_redis(
    redis_server: RedisServer,
) -> None:
    channel = fresh_channel()
    limits = HistoryLimits(seconds=100)
    async with (
        raw_client(redis_server) as client,
        open_broadcast(redis_server.url, limits=limits) as broadcast,
    ):
        await broadcast.append(channel, "text")

        assert 90 < await client.ttl(channel) <= 100


async def test_a_connection_that_is_lost_without_a_crash_costs_followers_nothing(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    channel = fresh_channel()
    with caplog.at_level(logging.INFO):
        async with (
            raw_client(redis_server) as client,
            open_broadcast(redis_server.url) as broadcast,
            broadcast.follow(channel) as follower,
            broadcast.subscribe(channel) as subscriber,
        ):
            first = Kept(channel, "first", await broadcast.append(channel, "first"))
            assert await read(follower) == first
            for kind in ("normal", "pubsub"):
                await client.client_kill_filter(_type=kind, skipme=True)
            second = Kept(channel, "second", await append_surely(broadcast, channel, "second"))

            assert await read(follower) == second
            assert await read(subscriber) == Gap(channel)
    assert "Redis is back for reading streams" in caplog.text


async def test_a_fault_of_ours_does_not_end_a_connection_for_good(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    conversations = 0
    has_second = asyncio.Event()

    async def converse(_: object) -> None:
        nonlocal conversations
        conversations += 1
        if conversations == 1:
            raise RuntimeError("a fault")
        has_second.set()
        await asyncio.Event().wait()

    connect = connection_maker(redis_server.url)
    staying = asyncio.create_task(stay_connected(connect, converse, purpose="a test"))
    async with asyncio.timeout(10):
        await has_second.wait()
    staying.cancel()
    await asyncio.wait([staying])

    assert "the connection for a test failed unexpectedly" in caplog.text


async def test_a_conversation_that_always_fails_is_begun_again_after_growing_pauses(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def refuse(_: object) -> None:
        raise redis.RedisError("NOPERM")

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 7:
            raise asyncio.CancelledError

    monkeypatch.setattr("broadcasting.redis_connection.asyncio.sleep", note)
    with pytest.raises(asyncio.CancelledError):
        await stay_connected(connection_maker(redis_server.url), refuse, purpose="a test")

    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0]
