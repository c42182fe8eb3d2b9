"""When a subscription through Redis counts as live, acknowledgement by acknowledgement."""

import asyncio

from broadcasting import Event
from broadcasting.redis_backend import Confirmed, RedisBackend, _Acknowledged
from subgraphs.demo.processes import free_port


def unconnected() -> RedisBackend:
    return RedisBackend(f"redis://127.0.0.1:{free_port()}/0")


async def next_before(backend: RedisBackend, *answers: _Acknowledged) -> Event | Confirmed:
    """The first thing the backend tells when Redis has sent these answers."""
    for answer in answers:
        backend._inbox.put_nowait(answer)
    backend._inbox.put_nowait(Event("end", ""))
    first = await backend.next_published()
    if first != Event("end", ""):
        assert await backend.next_published() == Event("end", "")
    return first


async def test_an_acknowledged_subscription_is_live() -> None:
    backend = unconnected()
    await backend.subscribe("a")
    assert backend._take_changes() == [["SUBSCRIBE", "a"]]

    assert await next_before(backend, _Acknowledged("a", 0)) == Confirmed("a")


async def test_who_left_and_came_back_is_not_live_by_the_first_acknowledgement() -> None:
    backend = unconnected()
    await backend.subscribe("a")
    backend._take_changes()
    await backend.unsubscribe("a")
    assert backend._take_changes() == [["UNSUBSCRIBE", "a"]]
    await backend.subscribe("a")

    # Neither before Redis is told of the second subscription, nor before it acknowledges it.
    assert await next_before(backend, _Acknowledged("a", 0)) == Event("end", "")
    assert backend._take_changes() == [["SUBSCRIBE", "a"]]
    assert await next_before(backend, _Acknowledged("a", 0)) == Confirmed("a")


async def test_of_two_subscriptions_under_way_the_last_acknowledgement_counts() -> None:
    backend = unconnected()
    for _ in range(2):
        await backend.subscribe("a")
        assert backend._take_changes() == [["SUBSCRIBE", "a"]]
        await backend.unsubscribe("a")
        assert backend._take_changes() == [["UNSUBSCRIBE", "a"]]
    await backend.subscribe("a")
    backend._take_changes()

    for _ in range(2):
        assert await next_before(backend, _Acknowledged("a", 0)) == Event("end", "")
    assert await next_before(backend, _Acknowledged("a", 0)) == Confirmed("a")


async def test_who_left_is_not_told_of_an_acknowledgement() -> None:
    backend = unconnected()
    await backend.subscribe("a")
    backend._take_changes()
    await backend.unsubscribe("a")

    assert await next_before(backend, _Acknowledged("a", 0)) == Event("end", "")


async def test_an_acknowledgement_of_a_lost_connection_says_nothing_about_the_next() -> None:
    backend = unconnected()
    await backend.subscribe("a")
    connection = SilentConnection()
    conversation = asyncio.create_task(backend._converse(connection))
    await connection.was_told.wait()

    assert await next_before(backend, _Acknowledged("a", 0)) == Event("end", "")
    conversation.cancel()
    await asyncio.wait([conversation])


class SilentConnection:
    def __init__(self) -> None:
        self.was_told = asyncio.Event()

    async def send_command(self, *_: str) -> None:
        self.was_told.set()

    async def read_response(self, **_: object) -> None:
        await asyncio.Event().wait()
