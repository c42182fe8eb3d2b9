"""Entity fetches of different clients become one request, and stay each client's own."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import closing
from typing import Any

import pytest

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic import merging_transport
from supergraph.traffic.merging_transport import MergingTransport
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from supergraph.traffic.uploads import UploadedFile

NAME = SubgraphName("users")
QUERY = "query($r: [_Any!]!) { _entities(representations: $r) { ... on User { name tags } } }"
Answer = Callable[[SubgraphRequest], SubgraphReply]


def user(key: str) -> dict[str, Any]:
    return {"__typename": "User", "id": key}


def names(request: SubgraphRequest) -> SubgraphReply:
    """Each entity is named after its key."""
    found = [{"name": f"user {item['id']}", "tags": []} for item in request.variables["r"]]
    return SubgraphReply({"_entities": found})


class Subgraph:
    """A transport that answers as it is told, once it may."""

    def __init__(self, answer: Answer = names) -> None:
        self.answer = answer
        self.requests: list[SubgraphRequest] = []
        self.arrived = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.cancelled = asyncio.Event()
        self.is_closed = False

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        self.is_closed = True

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        self.requests.append(request)
        self.arrived.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return self.answer(request)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        yield SubgraphReply({"query": request.query})

    @property
    def asked(self) -> list[list[str]]:
        """The keys of each request."""
        return [[item["id"] for item in request.variables["r"]] for request in self.requests]


def merging(subgraph: Subgraph, batch_max: int = 100, window: float = 0.002) -> MergingTransport:
    return MergingTransport(NAME, subgraph, window_seconds=window, batch_max=batch_max)


def ask(
    transport: MergingTransport, *keys: str, query: str = QUERY, **options: Any
) -> asyncio.Task[SubgraphReply]:
    variables = {"r": [user(key) for key in keys], **options.pop("variables", {})}
    request = SubgraphRequest(
        query, variables, is_safe_to_repeat=True, entities_variable="r", **options
    )
    return asyncio.create_task(transport.execute(request))


def names_of(reply: SubgraphReply) -> list[str | None]:
    assert reply.data is not None
    return [entity and entity["name"] for entity in reply.data["_entities"]]


def is_empty(transport: MergingTransport) -> bool:
    return "open=0 joined=0" in repr(transport)


async def test_fetches_of_different_callers_are_one_request() -> None:
    subgraph = Subgraph()
    transport = merging(subgraph)
    replies = await asyncio.gather(
        ask(transport, "1", "2"), ask(transport, "3"), ask(transport, "2", "4")
    )
    assert subgraph.asked == [["1", "2", "3", "4"]]
    assert [names_of(reply) for reply in replies] == [
        ["user 1", "user 2"],
        ["user 3"],
        ["user 2", "user 4"],
    ]
    assert is_empty(transport)


async def test_the_same_representation_is_asked_once_whatever_the_order_of_its_keys() -> None:
    subgraph = Subgraph()
    transport = merging(subgraph)
    request = SubgraphRequest(
        QUERY,
        {"r": [{"id": "1", "__typename": "User"}]},
        is_safe_to_repeat=True,
        entities_variable="r",
    )
    first, second = await asyncio.gather(ask(transport, "1"), transport.execute(request))
    assert subgraph.asked == [["1"]]
    assert names_of(first) == names_of(second) == ["user 1"]


async def test_each_caller_has_containers_of_its_own() -> None:
    transport = merging(Subgraph())
    replies = await asyncio.gather(*(ask(transport, "1", "1") for _ in range(3)))
    entities = [entity for reply in replies if reply.data for entity in reply.data["_entities"]]
    for entity in entities:
        entity["tags"].append("mine")
        entity["name"] += "!"
    assert [(entity["name"], entity["tags"]) for entity in entities] == [("user 1!", ["mine"])] * 6


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"headers": {"authorization": "Bearer eve"}}, id="another's credentials"),
        pytest.param({"query": QUERY.replace("tags", "age")}, id="another operation"),
        pytest.param({"variables": {"first": 2}}, id="another variable"),
        pytest.param({"operation_name": "Other"}, id="another name"),
    ],
)
async def test_what_the_subgraph_could_tell_apart_is_never_merged(options: dict[str, Any]) -> None:
    subgraph = Subgraph()
    transport = merging(subgraph)
    ada = {"headers": {"authorization": "Bearer ada"}, "variables": {"first": 1}}
    await asyncio.gather(ask(transport, "1", **ada), ask(transport, "2", **{**ada, **options}))
    assert subgraph.asked == [["1"], ["2"]]


async def test_nobody_sees_an_entity_that_only_another_s_credentials_may_see() -> None:
    def by_credentials(request: SubgraphRequest) -> SubgraphReply:
        who = request.headers["authorization"]
        found = [{"name": f"{who} {item['id']}"} for item in request.variables["r"]]
        return SubgraphReply({"_entities": found})

    transport = merging(Subgraph(by_credentials))
    callers = [f"caller {number % 5}" for number in range(50)]
    replies = await asyncio.gather(
        *(ask(transport, "1", "2", headers={"authorization": who}) for who in callers)
    )
    assert [names_of(reply) for reply in replies] == [[f"{who} 1", f"{who} 2"] for who in callers]


async def test_a_batch_is_split_at_its_maximum() -> None:
    subgraph = Subgraph()
    transport = merging(subgraph, batch_max=3)
    keys = [str(number) for number in range(7)]
    first, second = await asyncio.gather(ask(transport, *keys), ask(transport, "7", "8"))
    assert [len(asked) for asked in subgraph.asked] == [3, 3, 3]
    assert names_of(first) == [f"user {key}" for key in keys]
    assert names_of(second) == ["user 7", "user 8"]


async def test_a_full_batch_does_not_wait_for_its_window() -> None:
    transport = merging(Subgraph(), batch_max=2, window=3600)
    assert names_of(await ask(transport, "1", "2")) == ["user 1", "user 2"]


async def test_nothing_joins_a_batch_that_was_sent() -> None:
    """An answer must not be older than the question."""
    subgraph = Subgraph()
    subgraph.may_answer.clear()
    transport = merging(subgraph)
    first = ask(transport, "1")
    await subgraph.arrived.wait()
    second = ask(transport, "1")
    subgraph.may_answer.set()
    await asyncio.gather(first, second)
    assert subgraph.asked == [["1"], ["1"]]


async def test_an_error_goes_to_those_whose_entity_it_is() -> None:
    def second_fails(request: SubgraphRequest) -> SubgraphReply:
        reply = names(request)
        assert reply.data is not None
        reply.data["_entities"][1] = None
        error = {"message": "no user 2", "path": ["_entities", 1, "name"], "extensions": {"a": [1]}}
        return SubgraphReply(reply.data, (error,))

    transport = merging(Subgraph(second_fails))
    one, two, both = await asyncio.gather(
        ask(transport, "1"), ask(transport, "2"), ask(transport, "3", "2")
    )
    assert (names_of(one), one.errors) == (["user 1"], ())
    assert names_of(two) == [None]
    assert names_of(both) == ["user 3", None]
    assert [error["path"] for error in (*two.errors, *both.errors)] == [
        ["_entities", 0, "name"],
        ["_entities", 1, "name"],
    ]
    two.errors[0]["extensions"]["a"].append(2)
    assert both.errors[0]["extensions"] == {"a": [1]}


@pytest.mark.parametrize("path", [None, ["_entities"], ["_entities", 2], ["other", "x"]])
async def test_an_error_of_no_entity_goes_to_all_without_its_path(path: list[Any] | None) -> None:
    def half(request: SubgraphRequest) -> SubgraphReply:
        error = {"message": "slow", **({} if path is None else {"path": path})}
        return SubgraphReply(names(request).data, (error,))

    transport = merging(Subgraph(half))
    replies = await asyncio.gather(ask(transport, "1"), ask(transport, "2"))
    assert [reply.errors for reply in replies] == [({"message": "slow"},)] * 2
    assert [names_of(reply) for reply in replies] == [["user 1"], ["user 2"]]


async def test_an_answer_without_data_is_that_for_everybody() -> None:
    transport = merging(Subgraph(lambda _: SubgraphReply(None, ({"message": "no"},))))
    replies = await asyncio.gather(ask(transport, "1"), ask(transport, "2"))
    assert [(reply.data, reply.errors) for reply in replies] == [(None, ({"message": "no"},))] * 2


async def test_without_data_those_without_an_error_of_their_own_are_told_so() -> None:
    error = {"message": "no user 1", "path": ["_entities", 0]}
    transport = merging(Subgraph(lambda _: SubgraphReply(None, (error,))))
    one, two = await asyncio.gather(
        ask(transport, "1"), ask(transport, "2"), return_exceptions=True
    )
    assert isinstance(one, SubgraphReply)
    assert [item["message"] for item in one.errors] == ["no user 1"]
    assert isinstance(two, SubgraphError)
    assert "user 1" not in two.message


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_too_few_or_too_many_entities_are_nobody_s(count: int) -> None:
    transport = merging(Subgraph(lambda _: SubgraphReply({"_entities": [{"name": "x"}] * count})))
    results = await asyncio.gather(ask(transport, "1"), ask(transport, "2"), return_exceptions=True)
    assert [error.code.name for error in results if isinstance(error, SubgraphError)] == [
        "SUBGRAPH_MALFORMED_RESPONSE"
    ] * 2


async def test_a_batch_that_fails_fails_for_all_in_it_and_for_nobody_else() -> None:
    def fails_for_1(request: SubgraphRequest) -> SubgraphReply:
        if user("1") in request.variables["r"]:
            raise SubgraphError(codes.SUBGRAPH_UNREACHABLE, "cut", NAME)
        return names(request)

    transport = merging(Subgraph(fails_for_1), batch_max=2)
    one, two, other, both = await asyncio.gather(
        ask(transport, "1"),
        ask(transport, "2"),
        ask(transport, "3", headers={"x": "y"}),
        ask(transport, "4", "1", "5", "6", headers={"x": "z"}),
        return_exceptions=True,
    )
    assert isinstance(one, SubgraphError)
    assert isinstance(two, SubgraphError)
    assert one is not two
    assert (one.code, one.message, one.service_name) == (two.code, two.message, two.service_name)
    assert isinstance(other, SubgraphReply)
    assert names_of(other) == ["user 3"]
    # Half of the last one's entities were in another batch.
    assert isinstance(both, SubgraphReply)
    assert names_of(both) == [None, None, "user 5", "user 6"]
    assert [error["extensions"]["code"] for error in both.errors] == ["SUBGRAPH_UNREACHABLE"]


@pytest.mark.parametrize("is_sent", [False, True])
async def test_a_caller_that_is_cancelled_does_not_hurt_the_others(is_sent: bool) -> None:
    subgraph = Subgraph()
    subgraph.may_answer.clear()
    transport = merging(subgraph)
    gone, stays = ask(transport, "1"), ask(transport, "1", "2")
    await (subgraph.arrived.wait() if is_sent else asyncio.sleep(0))
    gone.cancel()
    await asyncio.wait([gone])
    subgraph.may_answer.set()
    assert names_of(await stays) == ["user 1", "user 2"]
    assert gone.cancelled()
    assert is_empty(transport)


async def test_each_caller_has_its_own_time_limit_and_the_batch_the_longest() -> None:
    subgraph = Subgraph()
    subgraph.may_answer.clear()
    transport = merging(subgraph)
    short = ask(transport, "1", timeout_seconds=0.02)
    long = ask(transport, "1", timeout_seconds=30)
    with pytest.raises(SubgraphError) as caught:
        await short
    assert caught.value.code.name == "SUBGRAPH_TIMEOUT"
    subgraph.may_answer.set()
    assert names_of(await long) == ["user 1"]
    assert 25 < subgraph.requests[0].timeout_seconds <= 30


async def test_a_batch_that_nobody_waits_for_is_given_up() -> None:
    subgraph = Subgraph()
    subgraph.may_answer.clear()
    transport = merging(subgraph)
    tasks = [ask(transport, key) for key in "12"]
    await subgraph.arrived.wait()
    for task in tasks:
        task.cancel()
    await subgraph.cancelled.wait()
    assert is_empty(transport)


async def test_a_batch_that_nobody_waits_for_is_not_sent() -> None:
    subgraph = Subgraph()
    transport = merging(subgraph, window=0.001)
    task = ask(transport, "1")
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert is_empty(transport)
    assert names_of(await ask(transport, "2")) == ["user 2"]
    assert subgraph.asked == [["2"]]


async def test_closing_tells_those_who_wait() -> None:
    subgraph = Subgraph()
    subgraph.may_answer.clear()
    transport = merging(subgraph)
    sent = ask(transport, "1")
    await subgraph.arrived.wait()
    waiting = ask(transport, "2")
    await asyncio.sleep(0)
    await transport.close()
    results = await asyncio.gather(sent, waiting, return_exceptions=True)
    assert [error.code.name for error in results if isinstance(error, SubgraphError)] == [
        "SUBGRAPH_UNREACHABLE"
    ] * 2
    assert subgraph.is_closed
    assert is_empty(transport)


@pytest.mark.parametrize(
    "changes",
    [
        {"entities_variable": None},
        {"is_safe_to_repeat": False},
        {"variables": {"r": []}},
    ],
)
async def test_other_requests_go_by_themselves(changes: dict[str, Any]) -> None:
    subgraph = Subgraph()
    transport = merging(subgraph, window=3600)
    options: dict[str, Any] = {
        "variables": {"r": [user("1")]},
        "is_safe_to_repeat": True,
        "entities_variable": "r",
    }
    request = SubgraphRequest(QUERY, **{**options, **changes})
    await transport.execute(request)
    assert subgraph.requests == [request]


async def test_beyond_the_maximum_of_open_batches_a_fetch_goes_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merging_transport, "OPEN_MAX", 2)
    subgraph = Subgraph()
    transport = merging(subgraph)
    tasks = [ask(transport, key, headers={"x": key}) for key in "123"]
    await asyncio.gather(*tasks)
    assert subgraph.asked == [["3"], ["1"], ["2"]]


async def test_fetches_with_the_same_file_are_merged_and_no_others() -> None:
    subgraph = Subgraph()
    transport = merging(subgraph)
    one, other = UploadedFile("f", "text/plain"), UploadedFile("f", "text/plain")
    with closing(one), closing(other):
        await asyncio.gather(
            ask(transport, "1", variables={"file": one}),
            ask(transport, "2", variables={"file": other}),
            ask(transport, "3", variables={"file": one}),
        )

    assert subgraph.asked == [["1", "3"], ["2"]]


async def test_a_merged_request_is_shareable_only_if_all_of_it_are() -> None:
    subgraph = Subgraph()
    transport = merging(subgraph)
    await asyncio.gather(
        ask(transport, "1", is_shareable=True), ask(transport, "2", is_shareable=False)
    )
    await ask(transport, "3", is_shareable=True)
    assert [request.is_shareable for request in subgraph.requests] == [False, True]


async def test_subscriptions_pass_through() -> None:
    events = merging(Subgraph()).subscribe(SubgraphRequest("subscription { a }"))
    assert [event.data async for event in events] == [{"query": "subscription { a }"}]
