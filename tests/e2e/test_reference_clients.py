"""urql, Apollo Client and gql with the service as `make run` starts it."""

import asyncio
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.websockets import WebsocketsTransport

from subgraphs.demo.data_folder import demo_authorization
from tests.e2e.installations import embedded
from tests.kit.servers import require_binary
from tests.protocol.processes import node, run_client

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(240)]

CAMPAIGN = "cmp_autumn_sale"
LAUNCH = gql(
    """
    mutation ($input: CampaignCommandInput!) {
      launchCampaign(input: $input) { campaign { state } userErrors { code } }
    }
    """
)
WATCH = gql(
    """
    subscription ($id: ID!) {
      taskProgress(id: $id) { isFinal progress { total sent failed suppressed queued } }
    }
    """
)
FEED = gql(
    """
    subscription {
      organizationTasks {
        id
        isFinal
        owner { displayName }
        ... on Campaign { name accounts { displayName } }
      }
    }
    """
)
SCENARIO_SECONDS = 120.0


@dataclass(frozen=True)
class Service:
    """Where it answers, and the demo user's header."""

    url: str
    authorization: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[Service]:
    folder = tmp_path_factory.mktemp("run")
    with embedded(folder) as running:
        yield Service(running.url, demo_authorization(folder))


async def test_reference_clients_ask_change_and_watch(service: Service) -> None:
    with require_binary("node"):
        node()
    headers = {"authorization": service.authorization}
    async with Client(transport=AIOHTTPTransport(service.url, headers=headers)) as session:
        assert await session.execute(gql("{ viewer { displayName } }")) == {
            "viewer": {"displayName": "Ada Byron"}
        }
        LAUNCH.variable_values = {"input": {"campaignId": CAMPAIGN, "idempotencyKey": "clients"}}
        launched = await session.execute(LAUNCH)
    assert launched["launchCampaign"]["userErrors"] == []

    watching = asyncio.create_task(watched(service))
    following = asyncio.create_task(followed(service))
    results = await asyncio.to_thread(
        run_client,
        "campaign",
        service.url,
        *(service.authorization, CAMPAIGN),
        scenario_seconds=SCENARIO_SECONDS,
    )
    end, last_of_feed = await watching, await following

    assert end["isFinal"]
    assert last_of_feed["name"] == "Autumn sale"
    assert last_of_feed["owner"] == {"displayName": "Ada Byron"}
    assert "Acme News" in [account["displayName"] for account in last_of_feed["accounts"]]
    assert results["urql_query"]["viewer"]["displayName"] == "Ada Byron"
    assert results["urql_mutation"]["template"]["name"] == "urql"
    assert results["apollo_query"] == "Ada Byron"
    assert results["apollo_mutation"] == "apollo"
    for dialect in ("apollo_defer_2022", "apollo_defer_v02"):
        assert results[dialect] == {"first": ["displayName"], "last": 2, "parts": 2}
    for last in results["subscriptions"]:
        assert last["isFinal"], last
        last["progress"].pop("__typename", None)  # Apollo Client asks for it
        assert last["progress"] == end["progress"]
        assert last["owner"]["displayName"] == "Ada Byron"
        assert last["seen"] > 1, "it was watched live"


def over_a_socket(service: Service) -> Client:
    url = service.url.replace("http", "ws", 1)
    headers = {"authorization": service.authorization}
    return Client(transport=WebsocketsTransport(url, init_payload=headers))


async def followed(service: Service) -> dict[str, Any]:
    """The campaign's last event in the feed of its organisation, completed by other subgraphs."""
    async with over_a_socket(service) as session:
        async for result in session.subscribe(FEED):
            task: dict[str, Any] = result["organizationTasks"]
            if task["id"] == CAMPAIGN and task["isFinal"]:
                return task
    raise AssertionError("the feed never ends by itself")


async def watched(service: Service) -> dict[str, Any]:
    """The last state that gql saw."""
    WATCH.variable_values = {"id": CAMPAIGN}
    last: dict[str, Any] = {}
    async with over_a_socket(service) as session:
        async for result in session.subscribe(WATCH):
            last = result["taskProgress"]
    return last
