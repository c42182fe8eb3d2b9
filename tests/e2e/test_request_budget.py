"""How many subgraph requests the gateway makes, counted at real services in this process."""

import contextlib
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from subgraphs.accounts.service import SERVICE as ACCOUNTS
from subgraphs.demo.operations import read_operation
from subgraphs.tasks.service import SERVICE as TASKS
from subgraphs.users.service import SERVICE as USERS
from supergraph import Gateway
from supergraph.config.gateway import GatewayConfig, HeaderConfig
from supergraph.names import SubgraphName
from supergraph.traffic.connect import connect
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.kit.servers import REPOSITORY
from tests.subgraphs.running_service import ADA, environment_for, running_service

PAGE_OF_100 = """
query Page {
  campaigns(first: 100) {
    edges { node { name owner { displayName } accounts { displayName status } } }
  }
}
"""


class CountingTransport:
    """Passes requests on and remembers them."""

    def __init__(self, name: str, app: Any) -> None:
        self.requests: list[SubgraphRequest] = []
        self._inner = connect(SubgraphName(name), app, TransportSettings())

    async def start(self) -> None:
        """The service is running already."""

    async def close(self) -> None:
        """The service is stopped by the fixture."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        self.requests.append(request)
        return await self._inner.execute(request)

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        return self._inner.subscribe(request)


class Counted:
    """A gateway over the three services, asked as Ada of Acme Retail."""

    def __init__(self, gateway: Gateway, transports: dict[str, CountingTransport], token: str):
        self._gateway = gateway
        self._transports = transports
        self._token = token

    async def ask(self, query: str) -> tuple[dict[str, Any], Counter[str]]:
        """The data, and the number of requests each subgraph got for it."""
        for transport in self._transports.values():
            transport.requests.clear()
        headers = {"authorization": f"Bearer {self._token}"}
        result = await self._gateway.execute(query, headers=headers)
        assert result.errors == []
        assert result.data is not None
        requests = {name: len(item.requests) for name, item in self._transports.items()}
        return result.data, Counter(requests)

    def entity_requests(self, name: str) -> list[SubgraphRequest]:
        requests = self._transports[name].requests
        return [request for request in requests if "_entities" in request.query]


@pytest.fixture
async def counted(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncGenerator[Counted, None]:
    environment = environment_for("sqlite", request, tmp_path) | {"TASKS_WORKER": "off"}
    async with contextlib.AsyncExitStack() as stack:
        running = {
            service.name: await stack.enter_async_context(running_service(service, environment))
            for service in (USERS, ACCOUNTS, TASKS)
        }
        transports = {name: CountingTransport(name, item.app) for name, item in running.items()}
        sdl = (REPOSITORY / "schema" / "supergraph.graphql").read_text(encoding="utf-8")
        config = GatewayConfig(headers=HeaderConfig(forward=("authorization",)))
        gateway = await stack.enter_async_context(Gateway(sdl, transports, config))
        yield Counted(gateway, transports, running["users"].token(ADA))


async def test_the_readme_query_makes_the_fewest_possible_requests(counted: Counted) -> None:
    """Five is the least.

    users knows the viewer's organisation, and only then tasks can list its campaigns; only then
    are their owners and organisations (one request to users for both) and their accounts known;
    and `estimatedCost` requires the plan that users answered last.
    """
    data, requests = await counted.ask(read_operation("overview"))
    assert data["viewer"]["organization"]["campaigns"]["edges"][0]["node"]["estimatedCost"] > 0
    assert requests == {"users": 2, "tasks": 2, "accounts": 1}


async def test_a_page_of_100_campaigns_makes_one_entity_request_per_subgraph(
    counted: Counted,
) -> None:
    data, requests = await counted.ask(PAGE_OF_100)
    campaigns = [edge["node"] for edge in data["campaigns"]["edges"]]
    assert len(campaigns) == 100
    assert all(campaign["owner"]["displayName"] for campaign in campaigns)
    assert all(account["displayName"] for item in campaigns for account in item["accounts"])
    assert requests == {"tasks": 1, "users": 1, "accounts": 1}
    for name in ("users", "accounts"):
        [request] = counted.entity_requests(name)
        representations = [item["id"] for item in request.variables["representations"]]
        assert len(representations) == len(set(representations))
