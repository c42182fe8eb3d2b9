"""What gateway.yaml says of the traffic to subgraphs, seen from clients' operations."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from supergraph.composition.compose import compose
from supergraph.composition.result import Subgraph
from supergraph.config.gateway import GatewayConfig, load_gateway_config
from supergraph.server.gateway import Gateway
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.traffic.http1.wire_server import Request, answer_bytes, wire_server

USERS = 'type Query { user(id: ID!): User } type User @key(fields: "id") { id: ID! }'
AGES = 'type User @key(fields: "id") { id: ID! owner: String }'
QUERY = "query($id: ID!) { user(id: $id) { owner } }"


class Users:
    """Knows every user."""

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        [key] = request.variables.values()
        return SubgraphReply({"user": {"__typename": "User", "id": key}})

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        raise NotImplementedError
        yield SubgraphReply(None)


async def owners(request: Request) -> None:
    """Answer an entity fetch: what belongs to whom depends on who asks."""
    _, _, rest = request.head.partition("authorization: ")
    who = rest.partition("\r\n")[0]
    [representations] = orjson.loads(request.body)["variables"].values()
    found = [{"owner": f"{who}'s {item['id']}"} for item in representations]
    await asyncio.sleep(0.02)  # so that those who come at the same time find it on its way
    request.writer.write(answer_bytes(orjson.dumps({"data": {"_entities": found}})))


@pytest.fixture
def config(tmp_path: Path) -> Callable[[str], GatewayConfig]:
    def load(text: str) -> GatewayConfig:
        file = tmp_path / "gateway.yaml"
        file.write_text(f"headers: {{forward: [Authorization]}}\n{text}")
        return load_gateway_config(file, {})

    return load


async def run(config: GatewayConfig, *callers: tuple[str, str]) -> list[int]:
    """Ask for all at the same time; how many entities were asked for in each request."""
    sdl = compose([Subgraph("users", USERS), Subgraph("ages", AGES)]).supergraph_sdl
    assert sdl is not None
    async with (
        wire_server(owners) as server,
        Gateway(sdl, {"users": Users(), "ages": server.address}, config) as gateway,
    ):
        results: list[Any] = await asyncio.gather(
            *(
                gateway.execute(QUERY, {"id": key}, headers={"Authorization": who})
                for who, key in callers
            )
        )
    assert [result.errors for result in results] == [[]] * len(callers)
    assert [result.data["user"]["owner"] for result in results] == [
        f"{who}'s {key}" for who, key in callers
    ]
    bodies = [orjson.loads(request.body)["variables"] for request in server.requests]
    return sorted(len(representations) for body in bodies for representations in body.values())


CALLERS = (("ada", "1"), ("ada", "1"), ("ada", "2"), ("eve", "1"))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        pytest.param("", [1, 1, 1], id="shared by default"),
        pytest.param("traffic: {share_in_flight: false}", [1, 1, 1, 1], id="not shared"),
        pytest.param(
            "subgraphs: {ages: {share_in_flight: false}}", [1, 1, 1, 1], id="not this subgraph"
        ),
        pytest.param(
            "traffic: {share_in_flight: false}\nsubgraphs: {ages: {share_in_flight: true}}",
            [1, 1, 1],
            id="only this subgraph",
        ),
        pytest.param("subgraphs: {ages: {merge_entities: {}}}", [1, 2], id="merged"),
        pytest.param(
            "subgraphs: {ages: {merge_entities: {window_ms: 5, batch_max: 1}}}",
            [1, 1, 1],
            id="merged up to a maximum of one",
        ),
    ],
)
async def test_equal_and_similar_fetches_meet_as_configured(
    config: Callable[[str], GatewayConfig], text: str, asked: list[int]
) -> None:
    assert await run(config(text), *CALLERS) == asked
