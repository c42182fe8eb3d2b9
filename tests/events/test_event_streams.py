"""Subscription fields served from events, in memory and through a real Redis."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from broadcasting import Broadcast, open_broadcast
from subgraphs.demo.installed_servers import RedisServer
from supergraph import Gateway
from supergraph.config.gateway import EventConfig
from supergraph.errors import SupergraphError
from supergraph.executor.execute import ExecutionResult
from supergraph.server.events import GatewayEvents
from supergraph.stages.request import GraphQLRequest
from supergraph.subscriptions.events import Published
from tests.events.jobs import ARGUMENTS, QUERY, Jobs, Publisher, following, gateway, seen


class Stage:
    """A gateway over the jobs, and the broadcast that their publisher uses."""

    def __init__(self, gateway: Gateway, jobs: Jobs, broadcast: Broadcast) -> None:
        self.gateway = gateway
        self.jobs = jobs
        self.broadcast = broadcast

    async def announce(self, percent: int, id_: str = "1") -> None:
        await self.jobs.announce(self.broadcast, id_, percent)

    def watch(
        self, id_: str = "1", query: str = QUERY, **headers: str
    ) -> AsyncGenerator[ExecutionResult, None]:
        return self.gateway.subscribe(query, {"id": id_}, headers=headers)


@asynccontextmanager
async def staged(redis_url: str | None = None, arguments: str = ARGUMENTS) -> AsyncGenerator[Stage]:
    jobs = Jobs()
    async with open_broadcast(redis_url) as broadcast:
        Publisher.current = broadcast
        async with gateway(jobs, redis_url=redis_url, arguments=arguments) as started:
            yield Stage(started, jobs, broadcast)
        Publisher.current = None


@pytest.fixture(params=["memory", "redis"])
async def stage(request: pytest.FixtureRequest) -> AsyncGenerator[Stage]:
    url = request.getfixturevalue("redis_server").url if request.param == "redis" else None
    async with staged(url) as opened:
        yield opened


@pytest.fixture
async def in_memory() -> AsyncGenerator[Stage]:
    async with staged() as opened:
        yield opened


async def test_the_present_state_then_events_completed_by_subgraphs_then_the_end(
    stage: Stage,
) -> None:
    stage.jobs.percent["1"] = 10
    async with aclosing(stage.watch()) as results:
        assert (await following(results)).data == seen(10)
        await stage.announce(50)
        assert (await following(results)).data == seen(50)
        await stage.announce(100)
        assert (await following(results)).data == seen(100)
        with pytest.raises(StopAsyncIteration):
            await following(results)

    assert stage.jobs.subscriptions == 0, "the subgraph holds no connection"
    assert stage.jobs.snapshots == 1


async def test_what_the_message_tells_is_not_asked_for(in_memory: Stage) -> None:
    in_memory.jobs.percent["1"] = 1
    query = "subscription ($id: ID!) { job(id: $id) { id percent owner { id } } }"
    async with aclosing(in_memory.watch(query=query)) as results:
        await following(results)
        in_memory.jobs.percent["1"] = 99  # what the subgraph would say
        await in_memory.broadcast.publish("job:1", in_memory.jobs.message("1", 42))
        assert (await following(results)).data == {
            "job": {"id": "1", "percent": 42, "owner": {"id": "o1"}}
        }
    assert in_memory.jobs.snapshots == 1


async def test_an_event_that_is_older_than_the_state_is_not_told(in_memory: Stage) -> None:
    in_memory.jobs.percent["1"] = 50
    query = "subscription ($id: ID!) { job(id: $id) { percent } }"
    async with aclosing(in_memory.watch(query=query)) as results:
        await following(results)
        pending = asyncio.ensure_future(following(results))
        await in_memory.broadcast.publish("job:1", in_memory.jobs.message("1", 20))
        await asyncio.sleep(0)
        await in_memory.broadcast.publish("job:1", in_memory.jobs.message("1", 51))
        assert (await pending).data == {"job": {"percent": 51}}


@pytest.mark.parametrize(
    "message",
    [
        "{}",
        '{"__typename":"Print","id":"1"}',
        '{"id":"1","done":false,"percent":30}',
        "[]",
        "no json",
    ],
)
async def test_an_event_that_tells_too_little_has_the_state_read_again(
    in_memory: Stage, message: str
) -> None:
    async with aclosing(in_memory.watch()) as results:
        await following(results)
        in_memory.jobs.percent["1"] = 30
        await in_memory.broadcast.publish("job:1", message)
        assert (await following(results)).data == seen(30)
    assert in_memory.jobs.snapshots == 2


async def test_a_state_that_is_final_already_ends_at_once(stage: Stage) -> None:
    stage.jobs.percent["1"] = 100
    results = [result.data async for result in stage.watch()]
    assert results == [seen(100)]


@pytest.mark.parametrize("headers", [{}, {"authorization": "stranger"}])
async def test_nothing_is_watched_that_the_caller_may_not_see(
    stage: Stage, headers: dict[str, str]
) -> None:
    id_ = "1" if headers else "missing"
    results = [result async for result in stage.watch(id_, **headers)]

    (only,) = results
    assert only.data is None
    assert [error["extensions"]["code"] for error in only.errors] == ["NOTHING_TO_WATCH"]


async def test_an_argument_longer_than_any_channel_watches_nothing(in_memory: Stage) -> None:
    (only,) = [result async for result in in_memory.watch("x" * 2_000)]
    assert only.errors[0]["extensions"]["code"] == "NOTHING_TO_WATCH"
    assert in_memory.jobs.snapshots == 0


async def test_a_broadcast_that_closes_is_told(in_memory: Stage) -> None:
    async with aclosing(in_memory.watch()) as results:
        await following(results)
        await in_memory.broadcast.disconnect()
        (error,) = (await following(results)).errors
        assert error["extensions"] == {"code": "EVENTS_UNAVAILABLE", "serviceName": "jobs"}
    await in_memory.broadcast.connect()


async def test_a_client_that_reads_slowly_gets_the_latest_state(in_memory: Stage) -> None:
    """It shares its source with one that reads at once, which makes nothing wait."""
    pipeline = in_memory.gateway.pipeline
    request = GraphQLRequest('subscription { job(id: "1") { percent } }')
    slow = pipeline.watch(await pipeline.prepare(request))
    quick = pipeline.watch(await pipeline.prepare(request))
    async with asyncio.timeout(20), slow, quick:
        await quick.get()
        for percent in range(1, 100):
            await in_memory.announce(percent)
            await quick.get()
        item = await slow.get()
    assert isinstance(item, Published)
    assert item.payload == b'{"data":{"job":{"percent":99}}}'


async def test_other_subscriptions_are_asked_of_their_subgraph(in_memory: Stage) -> None:
    results = [
        result.data async for result in in_memory.gateway.subscribe("subscription { plain }")
    ]
    assert results == [{"plain": 1}]


async def test_without_a_broadcast_the_field_is_asked_of_its_subgraph() -> None:
    jobs = Jobs()
    async with gateway(jobs, events=False) as plain:
        results = [result.data async for result in plain.subscribe(QUERY, {"id": "1"})]
    assert results == [seen(0)]
    assert jobs.subscriptions == 1


async def test_redis_dies_and_comes_back_and_the_final_state_arrives(
    redis_server: RedisServer,
) -> None:
    async with staged(redis_server.url) as stage, aclosing(stage.watch()) as results:
        assert (await following(results)).data == seen(0)
        redis_server.kill()
        stage.jobs.percent["1"] = 100  # the change that nobody could publish
        await asyncio.to_thread(redis_server.restart)
        assert (await following(results)).data == seen(100)
        with pytest.raises(StopAsyncIteration):
            await following(results)


@pytest.fixture(params=["memory", "redis"])
async def durable_stage(request: pytest.FixtureRequest) -> AsyncGenerator[Stage]:
    url = request.getfixturevalue("redis_server").url if request.param == "redis" else None
    async with staged(url, ARGUMENTS + ', source: "STREAM"') as opened:
        yield opened


PERCENT = "subscription ($id: ID!) { job(id: $id) { percent } }"


async def announce_durably(stage: Stage, percent: int) -> str:
    stage.jobs.percent["1"] = percent
    return await stage.broadcast.append("job:1", stage.jobs.message("1", percent))


async def test_who_comes_back_with_the_last_event_id_misses_no_event(
    durable_stage: Stage,
) -> None:
    async with aclosing(durable_stage.watch(query=PERCENT)) as results:
        await following(results)
        await announce_durably(durable_stage, 10)
        seen_last = await following(results)
        assert seen_last.data == {"job": {"percent": 10}}
    for percent in (20, 30):
        await announce_durably(durable_stage, percent)

    last_event_id = {"last-event-id": str(seen_last.event_id)}
    async with aclosing(durable_stage.watch(query=PERCENT, **last_event_id)) as results:
        for percent in (20, 30):
            assert (await following(results)).data == {"job": {"percent": percent}}
        await announce_durably(durable_stage, 100)
        assert (await following(results)).data == {"job": {"percent": 100}}
        with pytest.raises(StopAsyncIteration):
            await following(results)


async def test_who_comes_back_with_an_id_that_is_unknown_gets_the_present_state(
    durable_stage: Stage,
) -> None:
    durable_stage.jobs.percent["1"] = 40
    last_event_id = {"last-event-id": "1-1"}
    async with aclosing(durable_stage.watch(query=PERCENT, **last_event_id)) as results:
        assert (await following(results)).data == {"job": {"percent": 40}}
        await announce_durably(durable_stage, 50)
        assert (await following(results)).data == {"job": {"percent": 50}}


async def test_the_api_schema_shows_nothing_of_it(in_memory: Stage) -> None:
    query = "{ __schema { directives { name } types { name } } }"
    result = await in_memory.gateway.execute(query)
    assert result.data is not None
    assert "eventStream" not in str(result.data)


def changed(old: str, new: str) -> str:
    assert old in ARGUMENTS
    return ARGUMENTS.replace(old, new)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (changed('"id done percent', '"id done {'), "no field set"),
        (changed('"id done percent', '"id done percent unknown'), "Job.unknown"),
        (changed("owner { id }", "owner { nick }"), "Owner.nick"),
        (changed('snapshot: "job"', 'snapshot: "jobs"'), "no query field of jobs"),
        (changed('sequence: "percent"', 'sequence: "pages"'), "'pages' is not in the message"),
        (changed('final: "done"', 'final: "over"'), "'over' is not in the message"),
        (changed('"job:{id}"', '""'), "names no channel"),
        (changed('"job:{id}"', '"job:{name}"'), "no argument 'name'"),
        (ARGUMENTS + ', source: "QUEUE"', "PUBSUB, STREAM"),
    ],
)
def test_a_directive_that_cannot_be_followed_is_told(arguments: str, words: str) -> None:
    with pytest.raises(SupergraphError, match=words) as caught:
        gateway(Jobs(), arguments=arguments)
    assert caught.value.code.name == "INVALID_EVENT_STREAM"


def test_a_broadcast_that_cannot_be_imported_is_told() -> None:
    with pytest.raises(SupergraphError, match="cannot be imported"):
        GatewayEvents(EventConfig(broadcast="tests.events.jobs:nothing"))
