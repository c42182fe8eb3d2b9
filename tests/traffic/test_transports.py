"""One behaviour, three ways to a subgraph: over HTTP, as an ASGI app, as a schema."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import strawberry
from graphql import build_schema
from strawberry.asgi import GraphQL
from strawberry.types import Info

from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.connect import connect
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.transport import SubgraphRequest, SubgraphTransport
from tests.kit.servers import uvicorn_server

NAME = SubgraphName("echo")
Opened = Callable[..., AbstractAsyncContextManager[SubgraphTransport]]


def _headers(info: Info) -> dict[str, str]:
    context: Any = info.context
    return context["headers"] if "headers" in context else dict(context["request"].headers)


@strawberry.type
class Query:
    @strawberry.field
    def echo(self, text: str) -> str:
        return text

    @strawberry.field
    def header(self, info: Info, name: str) -> str | None:
        return _headers(info).get(name)

    @strawberry.field
    def broken(self) -> str | None:
        raise ValueError("broken on purpose")

    @strawberry.field
    async def never(self) -> str | None:
        await asyncio.Event().wait()
        return None


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncGenerator[int, None]:
        for number in range(to):
            yield number


SCHEMA = strawberry.Schema(Query, subscription=Subscription)


@pytest.fixture(params=["http", "asgi", "schema"])
def opened(request: pytest.FixtureRequest) -> Opened:
    @asynccontextmanager
    async def open_transport(**settings: Any) -> AsyncGenerator[SubgraphTransport, None]:
        app = GraphQL(SCHEMA)
        if request.param == "http":
            with uvicorn_server(app, lifespan="off", timeout_graceful_shutdown=1) as url:
                async with started(
                    connect(NAME, f"{url}/graphql", TransportSettings(**settings))
                ) as it:
                    yield it
            return
        target = app if request.param == "asgi" else SCHEMA
        async with started(connect(NAME, target, TransportSettings(**settings))) as transport:
            yield transport

    return open_transport


@asynccontextmanager
async def started(transport: SubgraphTransport) -> AsyncGenerator[SubgraphTransport, None]:
    await transport.start()
    try:
        yield transport
    finally:
        await transport.close()


async def test_a_query_is_answered(opened: Opened) -> None:
    async with opened() as transport:
        reply = await transport.execute(
            SubgraphRequest("query Q($t: String!) { echo(text: $t) }", {"t": "hällo"}, "Q")
        )
    assert reply.data == {"echo": "hällo"}
    assert reply.errors == ()


async def test_forwarded_headers_arrive(opened: Opened) -> None:
    async with opened() as transport:
        reply = await transport.execute(
            SubgraphRequest(
                '{ header(name: "authorization") }', headers={"authorization": "Bearer x"}
            )
        )
    assert reply.data == {"header": "Bearer x"}


async def test_an_error_keeps_its_message_and_path(opened: Opened) -> None:
    async with opened() as transport:
        reply = await transport.execute(SubgraphRequest("{ broken }"))
    assert reply.data == {"broken": None}
    assert reply.errors[0]["message"] == "broken on purpose"
    assert reply.errors[0]["path"] == ["broken"]


async def test_an_invalid_operation_is_an_error_without_data(opened: Opened) -> None:
    async with opened() as transport:
        reply = await transport.execute(SubgraphRequest("{ nothing }"))
    assert reply.data is None
    assert "nothing" in reply.errors[0]["message"]


async def test_a_subgraph_that_never_answers_costs_its_time_limit(opened: Opened) -> None:
    async with opened() as transport:
        with pytest.raises(SubgraphError) as caught:
            await transport.execute(SubgraphRequest("{ never }", timeout_seconds=0.05))
    assert caught.value.code.name == "SUBGRAPH_TIMEOUT"
    assert caught.value.service_name == NAME


async def test_a_subscription_yields_its_events_and_ends(opened: Opened) -> None:
    async with opened() as transport:
        request = SubgraphRequest("subscription ($to: Int!) { count(to: $to) }", {"to": 3})
        events = [event.data async for event in transport.subscribe(request)]
    assert events == [{"count": 0}, {"count": 1}, {"count": 2}]


async def test_many_requests_share_the_connections(opened: Opened) -> None:
    async with opened(connections_max=3) as transport:
        requests = [
            SubgraphRequest("query ($t: String!) { echo(text: $t) }", {"t": str(number)})
            for number in range(50)
        ]
        replies = await asyncio.gather(*map(transport.execute, requests))
    assert [reply.data["echo"] for reply in replies] == [str(number) for number in range(50)]


async def test_a_graphql_core_schema_is_executed_with_the_headers_as_context() -> None:
    schema = build_schema("type Query { who: String }")
    schema.query_type.fields["who"].resolve = lambda _source, info: info.context["headers"]["x-who"]
    async with started(connect(NAME, schema, TransportSettings())) as transport:
        reply = await transport.execute(SubgraphRequest("{ who }", headers={"x-who": "me"}))
    assert reply.data == {"who": "me"}


@pytest.mark.parametrize(
    "target",
    [
        "ftp://x",
        "http://",
        "http://ada:pw@x",
        "unix:relative.sock",
        "asgi:no.such.module:app",
        "asgi:tests.kit.servers:missing",
        42,
    ],
)
def test_a_target_that_leads_nowhere_is_refused_by_name(target: Any) -> None:
    with pytest.raises(ValueError, match='"echo"'):
        connect(NAME, target, TransportSettings())
