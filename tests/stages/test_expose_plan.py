"""Plans in responses: only where the configuration lets it, and a header asks."""

import json
import re
from contextlib import aclosing
from typing import Any

import httpx2
import pytest

from broadcasting import open_broadcast
from supergraph.config.gateway import GatewayConfig, QueryPlanConfig
from supergraph.executor.execute import ExecutionResult
from supergraph.stages.request import PreparedOperation
from tests.events.jobs import QUERY as WATCH
from tests.events.jobs import Jobs, Publisher, following
from tests.events.jobs import gateway as jobs_gateway
from tests.server.shop import gateway

APOLLO = "Apollo-Expose-Query-Plan"
HIVE = "hive-expose-query-plan"
EXPOSING = GatewayConfig(query_plans=QueryPlanConfig(expose=True))
QUERY = "{ products { name reviews { text } } }"


async def ask(config: GatewayConfig, **headers: str) -> ExecutionResult:
    async with gateway(config) as opened:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await opened.execute(QUERY, headers=named)


async def test_plans_are_hidden_by_default() -> None:
    result = await ask(GatewayConfig(), apollo_expose_query_plan="true")

    assert result.extensions is None
    assert result.data is not None


async def test_nobody_gets_a_plan_without_asking() -> None:
    for value in ("false", "", "1"):
        result = await ask(EXPOSING, apollo_expose_query_plan=value)
        assert result.extensions is None


async def test_the_plan_stands_where_apollos_tools_look() -> None:
    result = await ask(EXPOSING, apollo_expose_query_plan="true")

    assert result.data == (await ask(GatewayConfig())).data
    assert result.extensions is not None
    shown = result.extensions["apolloQueryPlan"]
    assert shown["object"]["kind"] == "QueryPlan"
    assert shown["object"]["node"]["kind"] == "Sequence"
    assert shown["text"].startswith("QueryPlan {\n  Sequence {")
    assert set(result.extensions) == {"apolloQueryPlan", "fetches"}


async def test_the_plan_stands_where_hives_tools_look() -> None:
    result = await ask(EXPOSING, hive_expose_query_plan="TRUE")

    assert result.extensions is not None
    assert set(result.extensions) == {"queryPlan", "fetches"}
    assert result.extensions["queryPlan"]["kind"] == "QueryPlan"


@pytest.mark.parametrize("header", [APOLLO, HIVE])
async def test_a_dry_run_executes_nothing(header: str) -> None:
    mutation = 'mutation { rename(id: "1", name: "Desk") { name } }'
    async with gateway(EXPOSING) as opened:
        shown = await opened.execute(mutation, headers={header: "dry-run"})
        after = await opened.execute('{ product(id: "1") { name } }')

    assert (shown.data, shown.errors) == (None, [])
    assert shown.extensions
    assert after.data == {"product": {"name": "Table"}}


async def test_a_refused_request_shows_no_plan() -> None:
    async with gateway(EXPOSING) as opened:
        result = await opened.execute("{ nothing }", headers={APOLLO: "dry-run"})

    assert result.errors
    assert result.extensions is None


async def test_stages_on_results_see_the_plan() -> None:
    seen: list[Any] = []

    async def look(_prepared: PreparedOperation, result: ExecutionResult) -> ExecutionResult:
        seen.append(result.extensions)
        return result

    async with gateway(EXPOSING, stages=[look]) as opened:
        await opened.execute(QUERY, headers={HIVE: "dry-run"})
        await opened.execute(QUERY, headers={HIVE: "true"})

    assert all(extensions["queryPlan"] for extensions in seen)


async def test_extensions_are_on_the_wire() -> None:
    async with gateway(EXPOSING) as opened:
        transport = httpx2.ASGITransport(app=opened)
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
            answer = await client.post(
                "/graphql", json={"query": QUERY}, headers={APOLLO: "dry-run"}
            )

    assert answer.status_code == 200
    assert list(answer.json()) == ["data", "extensions"]
    assert answer.json()["data"] is None


async def test_the_time_of_each_fetch_stands_beside_the_plan() -> None:
    async with gateway(EXPOSING) as opened:
        result = await opened.execute(QUERY, headers={HIVE: "true"})

    assert result.extensions is not None
    fetches = result.extensions["fetches"]
    planned = re.findall(r'"operation": "(.*?)"[,}]', json.dumps(result.extensions["queryPlan"]))
    assert sorted(json.dumps(fetch["operation"])[1:-1] for fetch in fetches) == sorted(planned)
    assert {fetch["serviceName"] for fetch in fetches} == {"products", "reviews"}
    assert all(fetch["startMs"] >= 0 and fetch["durationMs"] > 0 for fetch in fetches)


async def test_events_have_the_plan_once_and_their_times_each() -> None:
    jobs = Jobs()
    async with open_broadcast(None) as broadcast:
        Publisher.current = broadcast
        exposing = {"query_plans": QueryPlanConfig(expose=True)}
        async with jobs_gateway(jobs, **exposing) as opened:
            results = opened.subscribe(WATCH, {"id": "1"}, headers={HIVE: "true"})
            async with aclosing(results):
                first = await following(results)
                await jobs.announce(broadcast, "1", 50)
                second = await following(results)

    assert set(first.extensions) == {"queryPlan", "fetches"}
    assert set(second.extensions) == {"fetches"}
    assert {fetch["serviceName"] for fetch in second.extensions["fetches"]} == {"jobs", "names"}
