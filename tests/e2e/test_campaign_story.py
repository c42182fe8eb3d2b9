"""One story, three installations: log in, ask across services, run a campaign, watch it live."""

from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, aclosing
from typing import Any

import pytest

from subgraphs.demo.campaign import (
    DemoFailedError,
    check_final_numbers,
    create_campaign,
    launch_campaign,
    log_in,
)
from subgraphs.demo.client import GatewayClient, GraphQLFailedError
from subgraphs.demo.operations import read_operation
from tests.e2e.installations import Installation, distributed, embedded

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

# The last one has everything that the second has.
MODES = [
    "embedded",
    pytest.param("http-redis", marks=pytest.mark.long),
    "http-redis-postgres",
]
SMALL_LIST = "lst_loyalty"
ACCOUNTS = ["acc_tg_1", "acc_tg_2", "acc_wa_1", "acc_wa_2"]


@pytest.fixture(scope="module", params=MODES)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Installation]:
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        if request.param == "embedded":
            yield stack.enter_context(embedded(folder))
            return
        settings = {"REDIS_URL": request.getfixturevalue("session_redis").url}
        if request.param == "http-redis":
            yield stack.enter_context(distributed(folder, settings))
            return
        settings["DATABASE_URL"] = request.getfixturevalue("module_postgres_url")
        yield stack.enter_context(
            distributed(folder, settings, gateways=2, has_worker_process=True)
        )


@pytest.fixture
async def ada(installation: Installation) -> AsyncGenerator[GatewayClient]:
    async with GatewayClient(installation.url) as client:
        client.authorization = await log_in(client, "ada@acme.example", "demo")
        yield client


@pytest.fixture
async def ada_watching(
    installation: Installation, ada: GatewayClient
) -> AsyncGenerator[GatewayClient]:
    async with GatewayClient(
        installation.subscription_url, authorization=ada.authorization
    ) as client:
        yield client


@pytest.fixture
async def hank(installation: Installation) -> AsyncGenerator[GatewayClient]:
    """A user of another organisation."""
    async with GatewayClient(installation.url) as client:
        client.authorization = await log_in(client, "hank@globex.example", "demo")
        yield client


async def test_one_query_spans_three_services(ada: GatewayClient) -> None:
    viewer = (await ada.execute(read_operation("overview")))["viewer"]

    organization = viewer["organization"]
    campaigns = [edge["node"] for edge in organization["campaigns"]["edges"]]
    assert (viewer["displayName"], organization["name"]) == ("Ada Byron", "Acme Retail")
    assert len(campaigns) == 3
    assert all(campaign["owner"]["displayName"] for campaign in campaigns)
    assert all(campaign["accounts"][0]["displayName"] for campaign in campaigns)
    assert all(campaign["estimatedCost"] > 0 for campaign in campaigns)


async def test_a_campaign_is_watched_to_its_end(
    ada: GatewayClient, ada_watching: GatewayClient
) -> None:
    campaign_id = await create_campaign(ada, SMALL_LIST, ACCOUNTS)
    events: list[dict[str, Any]] = []

    async with aclosing(
        ada_watching.subscribe(read_operation("progress"), {"id": campaign_id})
    ) as stream:
        async for event in stream:
            if not events:
                await launch_campaign(ada, campaign_id)
            events.append(event["taskProgress"])

    check_final_numbers(events[-1])
    assert events[0]["state"] == "DRAFT"
    assert len(events) > 2, "progress must arrive while the campaign runs"
    sequences = [event["progress"]["sequence"] for event in events]
    assert sequences == sorted(set(sequences))
    assert all(event["owner"] == {"displayName": "Ada Byron"} for event in events)
    assert all(
        [account["id"] for account in event["accounts"]] == ACCOUNTS
        and all(account["displayName"] for account in event["accounts"])
        for event in events
    )
    confirmed = (await ada.execute(read_operation("campaign"), {"id": campaign_id}))["task"]
    assert confirmed["state"] == "COMPLETED"
    assert confirmed["progress"].items() <= events[-1]["progress"].items()


async def test_a_campaign_starts_once(ada: GatewayClient) -> None:
    campaign_id = await create_campaign(ada, SMALL_LIST, ACCOUNTS)
    await launch_campaign(ada, campaign_id)

    with pytest.raises(DemoFailedError, match="refused"):
        await launch_campaign(ada, campaign_id)


async def test_another_tenant_sees_nothing(ada: GatewayClient, hank: GatewayClient) -> None:
    campaign_id = await create_campaign(ada, SMALL_LIST, ACCOUNTS)

    assert (await hank.execute(read_operation("campaign"), {"id": campaign_id}))["task"] is None
    assert (await hank.execute('{ organization(id: "org_acme") { name } }')) == {
        "organization": None
    }
    with pytest.raises(GraphQLFailedError):
        await anext(hank.subscribe(read_operation("progress"), {"id": campaign_id}))
    with pytest.raises(DemoFailedError, match="refused"):
        await create_campaign(hank, SMALL_LIST, ACCOUNTS)


async def test_nobody_is_let_in_without_a_token(installation: Installation) -> None:
    async with GatewayClient(installation.url, authorization="Bearer forged") as stranger:
        data, errors = await stranger.send("{ viewer { displayName } }")

    assert data is None
    assert [error["extensions"]["code"] for error in errors] == ["UNAUTHENTICATED"]
