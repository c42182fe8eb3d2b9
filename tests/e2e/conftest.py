"""The three real services in this process, behind a gateway whose subgraph requests are counted."""

import contextlib
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from subgraphs.accounts.service import SERVICE as ACCOUNTS
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
