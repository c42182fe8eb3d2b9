"""The gateway as an object: start, stop, Python calls, exchange of the supergraph."""

import asyncio
import gc
from collections.abc import AsyncGenerator

import httpx2
import pytest

from supergraph.config.gateway import CacheConfig, GatewayConfig, HeaderConfig, SubgraphConfig
from supergraph.errors import SupergraphError
from supergraph.server.gateway import Gateway
from supergraph.stages.request import GraphQLRequest
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.server.shop import SUPERGRAPH, gateway


class ScriptedTransport:
    """A transport that answers products, when it is allowed to."""

    def __init__(self) -> None:
        self.state = "new"
        self.requests: list[SubgraphRequest] = []
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def start(self) -> None:
        assert self.state in {"new", "closed"}
        self.state = "started"

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        self.requests.append(request)
        self.asked.set()
        await self.may_answer.wait()
        assert self.state == "started"
        return SubgraphReply({"products": [{"__typename": "Product", "id": "1", "name": "Table"}]})

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        raise AssertionError("the shop has no subscriptions")
        yield SubgraphReply(None)

    async def close(self) -> None:
        self.state = "closed"


QUERY = "{ products { name } }"
ANSWER = {"products": [{"name": "Table"}]}
#: The same API without reviews, to see which supergraph answers.
SMALLER = SUPERGRAPH.replace(
    "  reviews: [Review!]! @join__field(graph: REVIEWS)\n}\ntype Mutation", "}\ntype Mutation"
)


def scripted(config: GatewayConfig | None = None) -> tuple[Gateway, ScriptedTransport]:
    transport = ScriptedTransport()
    return Gateway(SUPERGRAPH, {"products": transport, "reviews": ScriptedTransport()}, config), (
        transport
    )


async def test_first_operation_starts_the_gateway_and_close_stops_it() -> None:
    app, transport = scripted()
    result = await app.execute(QUERY)

    assert (result.data, result.errors) == (ANSWER, [])
    assert transport.state == "started"
    await app.close()
    assert (transport.state, app.is_ready) == ("closed", False)
    assert (await app.execute(QUERY)).data == ANSWER  # it may be started again
    await app.close()


async def test_only_listed_headers_reach_the_subgraph() -> None:
    config = GatewayConfig(headers=HeaderConfig(forward=("authorization",)))
    app, transport = scripted(config)
    async with app:
        await app.execute(QUERY, headers={"Authorization": "Bearer x", "X-Secret": "y"})

    assert transport.requests[0].headers == {"authorization": "Bearer x"}


async def test_refused_request_is_a_result_with_errors() -> None:
    async with gateway() as shop:
        result = await shop.execute("{ nothing }")

    assert result.data is None
    assert result.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_python_subscribe_of_a_query_yields_its_result() -> None:
    async with gateway() as shop:
        results = [result async for result in shop.subscribe(QUERY)]

    assert [result.data for result in results] == [
        {"products": [{"name": "Table"}, {"name": "Chair"}]}
    ]


async def test_swap_answers_new_operations_and_lets_old_ones_end() -> None:
    app, transport = scripted()
    async with app:
        transport.may_answer.clear()
        in_flight = asyncio.create_task(app.execute(QUERY))
        await transport.asked.wait()
        replacement = ScriptedTransport()
        await app.swap(SMALLER, {"products": replacement, "reviews": ScriptedTransport()})

        assert (await app.execute(QUERY)).data == ANSWER
        assert len(replacement.requests) == 1
        assert (await app.execute("{ reviews { text } }")).data is None
        assert transport.state == "started"
        transport.may_answer.set()
        assert (await in_flight).data == ANSWER
        await asyncio.gather(*app._retirements)
        assert transport.state == "closed"


async def test_swap_keeps_transports_whose_target_stays() -> None:
    app, transport = scripted()
    async with app:
        await app.swap(SMALLER)
        await asyncio.gather(*app._retirements)

        assert transport.state == "started"
        assert (await app.execute(QUERY)).data == ANSWER
    assert transport.state == "closed"


async def test_bad_supergraph_never_replaces_a_good_one() -> None:
    app, _ = scripted()
    async with app:
        for broken in ("type Query {", "type Query { a: Int }"):
            with pytest.raises(SupergraphError):
                await app.swap(broken)

        assert (await app.execute(QUERY)).data == ANSWER


async def test_supergraph_whose_transport_does_not_start_replaces_nothing() -> None:
    class Broken(ScriptedTransport):
        async def start(self) -> None:
            raise RuntimeError("no")

    app, transport = scripted()
    other = ScriptedTransport()
    async with app:
        with pytest.raises(RuntimeError):
            await app.swap(SUPERGRAPH, {"products": other, "reviews": Broken()})

        assert other.state == "closed"
        assert (await app.execute(QUERY)).data == ANSWER
        assert transport.state == "started"


async def test_operation_prepared_before_a_swap_is_prepared_again() -> None:
    app, _ = scripted()
    async with app:
        prepared = await app.pipeline.prepare(GraphQLRequest(QUERY))
        replacement = ScriptedTransport()
        await app.swap(SUPERGRAPH, {"products": replacement, "reviews": ScriptedTransport()})
        await asyncio.gather(*app._retirements)

        assert (await app.pipeline.execute(prepared)).data == ANSWER
        assert len(replacement.requests) == 1


def test_unknown_subgraph_is_refused() -> None:
    with pytest.raises(SupergraphError, match="no subgraph named prodcts"):
        Gateway(SUPERGRAPH, {"prodcts": "http://127.0.0.1:1"})


def test_configured_target_replaces_the_routing_url() -> None:
    config = GatewayConfig(subgraphs={"products": SubgraphConfig(target="http://other")})
    app = Gateway(SUPERGRAPH, {"reviews": "http://given"}, config)

    assert app._loaded.targets == {"products": "http://other", "reviews": "http://given"}


def test_subgraph_without_any_address_is_refused() -> None:
    with pytest.raises(SupergraphError, match="how to reach subgraph products"):
        Gateway(SUPERGRAPH.replace("http://127.0.0.1:9/graphql", ""))


async def test_readiness_follows_start_and_stop() -> None:
    app, _ = scripted()
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
        assert (await client.get("/health/live")).json() == {"status": "alive"}
        assert (await client.get("/health/ready")).status_code == 503
        async with app:
            assert (await client.get("/health/ready")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503


async def test_plans_and_documents_are_kept_between_requests() -> None:
    app, _ = scripted()
    async with app:
        for _ in range(3):
            await app.execute(QUERY)
        loaded = app.pipeline.supergraph

        assert (loaded.documents.hits, loaded.plans.hits) == (2, 2)


async def test_closed_gateway_leaves_nothing_behind() -> None:
    app, transport = scripted()
    before = len(asyncio.all_tasks())
    for _ in range(3):
        async with app:
            await app.execute(QUERY)
    gc.collect()

    assert len(asyncio.all_tasks()) == before
    assert transport.state == "closed"


async def test_exchanged_supergraph_has_the_plans_of_the_last_operations() -> None:
    app, _ = scripted()
    async with app:
        for query in (QUERY, "{ products { reviews { id } } }", "{ products { id } }"):
            await app.execute(query)
        await app.swap(SMALLER)
        supergraph = app.pipeline.supergraph
        # The second is not valid any more: it is refused without being looked at again.
        assert supergraph.cache_statistics()["plans"]["entries"] == 2
        assert (await app.execute(QUERY)).data == ANSWER
        assert supergraph.cache_statistics()["plans"]["hits"] == 1
        assert supergraph.plans.misses == 0


async def test_as_many_plans_are_warmed_up_as_the_configuration_says() -> None:
    app, _ = scripted(GatewayConfig(caches=CacheConfig(warm_up_plans=1)))
    async with app:
        await app.execute(QUERY)
        await app.execute("{ products { id } }")
        await app.swap(SMALLER)
        assert [key[0] for key in app.pipeline.supergraph.plans.newest(9)] == [
            "{ products { id } }"
        ]
