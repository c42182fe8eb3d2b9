"""Answers in parts as clients read them from a socket, with subgraphs that wait for the test."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import uvicorn

from supergraph.config.gateway import (
    ErrorConfig,
    GatewayConfig,
    IncrementalDeliveryConfig,
    LogConfig,
)
from supergraph.executor.execute import ExecutionResult
from supergraph.server import front, streams
from supergraph.server.gateway import Gateway
from supergraph.stages.request import PreparedOperation
from supergraph.traffic.transport import SubgraphReply
from tests.kit.check_execution import GraphSubgraph
from tests.kit.check_plan import compose_supergraph
from tests.kit.gates import Gated
from tests.kit.in_loop import TIME_LIMIT, served_in_loop, until
from tests.kit.parts import SUBGRAPHS

SDL = compose_supergraph({name: subgraph.sdl for name, subgraph in SUBGRAPHS.items()})
OLD = "multipart/mixed;deferSpec=20220824, application/json"
NEW = "multipart/mixed;incrementalSpec=v0.2, application/json"
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed"
)
QUERY = '{ me { name ... @defer(label: "more") { karma } } }'
WHOLE = {"data": {"me": {"name": "P1", "karma": 10}}}
HEAD = b"\r\ncontent-type: application/json\r\n\r\n"


class Served:
    """A gateway on a loopback port whose subgraph `social` is gated."""

    def __init__(self, gateway: Gateway, social: Gated, url: str, server: uvicorn.Server) -> None:
        self.gateway = gateway
        self._server = server
        self.social = social
        self.url = url

    @asynccontextmanager
    async def asked(
        self, query: str, accept: str, **more: Any
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        async with (
            asyncio.timeout(TIME_LIMIT),
            aiohttp.ClientSession() as session,
            session.post(
                self.url, json={"query": query}, headers={"accept": accept, **more}
            ) as response,
        ):
            yield response

    def leave(self) -> None:
        """Begin the shutdown, as a signal would."""
        self._server.should_exit = True

    async def let_through(self, count: int = 1) -> None:
        for _ in range(count):
            (await self.social.arrival()).set()


@asynccontextmanager
async def served(
    config: GatewayConfig | None = None, *, social: GraphSubgraph | None = None, **options: Any
) -> AsyncGenerator[Served]:
    gated = Gated(social or SUBGRAPHS["social"])
    targets: Any = {**SUBGRAPHS, "social": gated}
    gateway = Gateway(SDL, targets, config, **options)
    before = asyncio.all_tasks()
    async with gateway, served_in_loop(gateway) as (server, port):
        yield Served(gateway, gated, f"http://127.0.0.1:{port}/graphql", server)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not left, "a task was left behind"


@pytest.fixture
async def server() -> AsyncGenerator[Served]:
    async with served() as it:
        yield it


async def next_part(response: aiohttp.ClientResponse) -> Any:
    """The next part; its end is there with it, whatever follows later."""
    text = await response.content.readuntil(b"--graphql")
    if text == b"\r\n--graphql":
        text = await response.content.readuntil(b"--graphql")
    return json.loads(text.removeprefix(HEAD).removesuffix(b"\r\n--graphql"))


async def rest(response: aiohttp.ClientResponse) -> list[Any]:
    """The parts that are left, up to the end of the response."""
    *parts, end = (await response.read()).split(b"\r\n--graphql")
    assert end == b"--\r\n"
    return [json.loads(part.removeprefix(HEAD)) for part in parts if part]


async def test_the_parts_in_the_dialect_of_2022(server: Served) -> None:
    async with server.asked(QUERY, OLD) as response:
        assert response.status == 200
        assert response.headers["content-type"] == (
            'multipart/mixed;boundary="graphql";deferSpec=20220824'
        )
        assert await next_part(response) == {"data": {"me": {"name": "P1"}}, "hasNext": True}
        await server.let_through()
        assert await rest(response) == [
            {
                "incremental": [{"data": {"karma": 10}, "path": ["me"], "label": "more"}],
                "hasNext": False,
            }
        ]


async def test_the_parts_in_the_newer_dialect(server: Served) -> None:
    async with server.asked(QUERY, NEW) as response:
        assert response.headers["content-type"] == (
            'multipart/mixed;boundary="graphql";incrementalSpec=v0.2'
        )
        assert await next_part(response) == {
            "data": {"me": {"name": "P1"}},
            "pending": [{"id": "0", "path": ["me"], "label": "more"}],
            "hasNext": True,
        }
        await server.let_through()
        assert await rest(response) == [
            {
                "completed": [{"id": "0"}],
                "incremental": [{"id": "0", "data": {"karma": 10}}],
                "hasNext": False,
            }
        ]


async def test_each_part_is_sent_when_it_is_ready(server: Served) -> None:
    query = """
    { me { name ... @defer(label: "k") { karma } ... @defer(label: "p") { posts { text } } } }
    """
    async with server.asked(query, OLD) as response:
        await next_part(response)
        first, second = [await server.social.arrival() for _ in range(2)]
        second.set()
        [posts] = (await next_part(response))["incremental"]
        first.set()
        [last] = await rest(response)
    [karma] = last["incremental"]
    assert {posts["label"], karma["label"]} == {"k", "p"}


async def test_a_part_that_failed() -> None:
    error = {"message": "secret", "path": ["_entities", 0, "karma"]}
    wrong = GraphSubgraph(
        SUBGRAPHS["social"].sdl,
        reply=lambda _: SubgraphReply({"_entities": [{"karma": None}]}, (error,)),
    )
    masking = GatewayConfig(errors=ErrorConfig(mask_subgraph_messages=True))
    told = {
        "message": "A subgraph could not answer",
        "path": ["me", "karma"],
        "extensions": {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "social"},
    }
    async with served(masking, social=wrong) as server:
        async with server.asked(QUERY, OLD) as response:
            await server.let_through()
            assert (await rest(response))[-1] == {
                "incremental": [{"data": None, "path": ["me"], "label": "more", "errors": [told]}],
                "hasNext": False,
            }
        async with server.asked(QUERY, NEW) as response:
            await server.let_through()
            assert (await rest(response))[-1] == {
                "completed": [{"id": "0", "errors": [told]}],
                "hasNext": False,
            }


async def test_urql_reads_the_parts_it_accepts(server: Served) -> None:
    async with server.asked(QUERY, URQL) as response:
        await server.let_through()
        assert response.content_type == "multipart/mixed"
        assert len(await rest(response)) == 2
    async with server.asked("{ me { name } }", URQL) as response:
        assert response.content_type == "application/graphql-response+json"


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
async def test_who_accepts_no_parts_gets_one_answer(server: Served, accept: str) -> None:
    through = asyncio.create_task(server.let_through())
    async with server.asked(QUERY, accept) as response:
        assert await response.json() == WHOLE
    await through


async def test_who_takes_events_only_gets_one_event(server: Served) -> None:
    through = asyncio.create_task(server.let_through())
    async with server.asked(QUERY, "text/event-stream") as response:
        text = await response.text()
    await through
    payload = json.dumps(WHOLE, separators=(",", ":"))
    assert text == f"event: next\ndata: {payload}\n\nevent: complete\ndata: \n\n"


async def test_a_websocket_gets_one_answer(server: Served) -> None:
    async with (
        asyncio.timeout(TIME_LIMIT),
        aiohttp.ClientSession() as session,
        session.ws_connect(server.url, protocols=("graphql-transport-ws",)) as socket,
    ):
        await socket.send_json({"type": "connection_init"})
        await socket.receive_json()
        await socket.send_json({"type": "subscribe", "id": "1", "payload": {"query": QUERY}})
        await server.let_through()
        assert (await socket.receive_json())["payload"] == WHOLE
        assert (await socket.receive_json())["type"] == "complete"


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("{ me { name } }", {"data": {"me": {"name": "P1"}}, "hasNext": False}),
        ("{ missing }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_who_takes_nothing_but_parts_gets_one(
    server: Served, query: str, answer: Any
) -> None:
    async with server.asked(query, "multipart/mixed;deferSpec=20220824") as response:
        [part] = await rest(response)
    if isinstance(answer, str):
        assert part["errors"][0]["extensions"]["code"] == answer
        assert "data" not in part
        assert part["hasNext"] is False
    else:
        assert part == answer


async def test_an_invalid_document_is_no_stream(server: Served) -> None:
    async with server.asked("{ missing }", OLD) as response:
        assert response.content_type == "application/json"
        assert "errors" in await response.json()


@pytest.mark.parametrize("accept", [OLD, NEW])
async def test_the_subgraph_is_left_when_the_client_leaves(server: Served, accept: str) -> None:
    async with server.asked(QUERY, accept) as response:
        await next_part(response)
        await server.social.arrival()
        assert server.social.cancelled == 0
    await until(lambda: bool(server.social.cancelled))


async def test_a_mutation_is_done_though_nobody_waits(server: Served) -> None:
    async def ask(query: str) -> None:
        async with server.asked(query, OLD) as response:
            await rest(response)

    asking = asyncio.create_task(ask("mutation { adopt { karma ... @defer { badge } } }"))
    gates = [await server.social.arrival() for _ in ("karma", "badge")]
    asking.cancel()
    # Another request goes through the loop after the end of the connection was seen.
    other = asyncio.create_task(ask("{ me { id ... @defer { karma } } }"))
    gates.append(await server.social.arrival())
    assert server.social.cancelled == 0
    for gate in gates:
        gate.set()
    await other


@pytest.mark.parametrize("is_early", [True, False])
async def test_a_server_that_leaves_says_so(server: Served, is_early: bool) -> None:
    query = "{ me { karma } ... @defer { people { karma } } }" if is_early else QUERY
    async with server.asked(query, OLD) as response:
        await server.social.arrival()
        server.leave()
        last = (await rest(response))[-1]
    assert last["errors"][0]["extensions"]["code"] == "ANSWER_INTERRUPTED"
    assert last["hasNext"] is False
    assert server.social.cancelled


async def test_a_value_that_is_too_deep_to_write_ends_the_answer(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_deep(*_: Any) -> bytes:
        raise RecursionError

    monkeypatch.setattr(streams, "encode_delivery", too_deep)
    async with server.asked(QUERY, OLD) as response:
        [last] = await rest(response)
    assert last["errors"][0]["extensions"]["code"] == "INVALID_SUBGRAPH_VALUE"


async def test_what_nobody_expected_is_told_without_its_words(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> bytes:
        raise RuntimeError("secret")

    monkeypatch.setattr(streams, "encode_delivery", broken)
    async with server.asked(QUERY, NEW) as response:
        [last] = await rest(response)
    error = {"message": "Internal server error", "extensions": {"code": "INTERNAL"}}
    assert last == {"errors": [error], "hasNext": False}


async def test_an_answer_ends_on_the_supergraph_it_began_with(server: Served) -> None:
    async with server.asked(QUERY, OLD) as response:
        await next_part(response)
        await server.gateway.swap(SDL)
        await server.let_through()
        assert len(await rest(response)) == 1


async def test_the_access_line_is_written_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(front, "write_access_line", lambda _, said: lines.append(dict(said)))
    nothing = GraphSubgraph(SUBGRAPHS["social"].sdl, reply=lambda _: SubgraphReply(None))
    config = GatewayConfig(logs=LogConfig(access=True))
    async with served(config, social=nothing) as server:
        async with server.asked("query Me " + QUERY, OLD) as response:
            await next_part(response)
            assert not lines
            await server.let_through()
            await rest(response)
        await until(lambda: bool(lines))  # it is written behind the last byte
    [line] = lines
    assert (line["operation"], line["kind"], line["errors"], line["status"]) == (
        "Me",
        "query",
        1,
        200,
    )


async def test_user_stages_see_the_whole_result() -> None:
    async def counted(_: PreparedOperation, result: ExecutionResult) -> ExecutionResult:
        return result.with_extensions({"keys": len(result.data or {})})

    async with served(stages=[counted]) as server:
        through = asyncio.create_task(server.let_through())
        async with server.asked(QUERY, OLD) as response:
            assert await response.json() == {**WHOLE, "extensions": {"keys": 1}}
        await through


async def test_a_plan_is_shown_with_the_first_part() -> None:
    config = GatewayConfig().for_development()
    async with served(config) as server:
        header = {"hive-expose-query-plan": "true"}
        async with server.asked(QUERY, OLD, **header) as response:
            first = await next_part(response)
            assert first["extensions"]["queryPlan"]["node"]["kind"] == "Defer"
            await server.let_through()
        header = {"hive-expose-query-plan": "dry-run"}
        async with server.asked(QUERY, OLD, **header) as response:
            assert (await response.json())["data"] is None


STREAM = '{ people @stream(initialCount: 1, label: "p") { id } }'


async def test_a_list_streams_in_both_dialects() -> None:
    config = GatewayConfig(incremental_delivery=IncrementalDeliveryConfig(stream=True))
    async with served(config) as server:
        async with server.asked(STREAM, OLD) as response:
            assert await rest(response) == [
                {"data": {"people": [{"id": "0"}]}, "hasNext": True},
                {
                    "incremental": [
                        {"items": [{"id": "1"}], "path": ["people", 1], "label": "p"},
                        {"items": [{"id": "2"}], "path": ["people", 2], "label": "p"},
                    ],
                    "hasNext": False,
                },
            ]
        async with server.asked(STREAM, NEW) as response:
            assert await rest(response) == [
                {
                    "data": {"people": [{"id": "0"}]},
                    "pending": [{"id": "0", "path": ["people"], "label": "p"}],
                    "hasNext": True,
                },
                {
                    "completed": [{"id": "0"}],
                    "incremental": [{"id": "0", "items": [{"id": "1"}, {"id": "2"}]}],
                    "hasNext": False,
                },
            ]
        async with server.asked(STREAM, "application/json") as response:
            assert len((await response.json())["data"]["people"]) == 3


async def test_streaming_is_unknown_unless_it_is_switched_on(server: Served) -> None:
    async with server.asked(STREAM, OLD) as response:
        assert "@stream" in (await response.json())["errors"][0]["message"]


async def test_the_rules_of_streaming_hold() -> None:
    config = GatewayConfig(incremental_delivery=IncrementalDeliveryConfig(stream=True))
    async with served(config) as server:
        for query in (
            "{ me @stream { id } }",
            "mutation { adopt { pets { id } } ... @defer { leave { id } } }",
            '{ people @stream(label: "a") { ... @defer(label: "a") { id } } }',
            "query ($l: String) { people @stream(label: $l) { id } }",
            "{ people @stream { id } people { name } }",
        ):
            async with server.asked(query, OLD) as response:
                error = (await response.json())["errors"][0]
            assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED", query
