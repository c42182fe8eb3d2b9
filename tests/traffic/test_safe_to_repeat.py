"""The executor says which requests may be sent twice, and which may share an answer."""

from collections.abc import AsyncGenerator

import pytest

from supergraph.composition.compose import compose
from supergraph.composition.result import Subgraph
from supergraph.server.gateway import Gateway
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest

SDL = """
type Query { user: User }
type Mutation { rename: User }
type User @key(fields: "id") { id: ID! name: String }
"""
OTHER_SDL = """
type User @key(fields: "id") { id: ID! age: Int }
"""


class Recorder:
    """A transport that knows one user and keeps the requests."""

    def __init__(self) -> None:
        self.requests: list[SubgraphRequest] = []

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        self.requests.append(request)
        user = {"__typename": "User", "id": "1", "name": "Ada", "age": 36}
        return SubgraphReply({"user": user, "rename": user, "_entities": [user]})

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("operation", "root_is_safe"),
    [("{ user { name age } }", True), ("mutation { rename { name age } }", False)],
)
async def test_only_a_mutation_s_own_request_is_not_repeated(
    operation: str, root_is_safe: bool
) -> None:
    users, ages = Recorder(), Recorder()
    sdl = compose([Subgraph("users", SDL), Subgraph("ages", OTHER_SDL)]).supergraph_sdl
    assert sdl is not None
    async with Gateway(sdl, {"users": users, "ages": ages}) as gateway:
        result = await gateway.execute(operation)
    assert not result.errors
    assert [request.is_safe_to_repeat for request in users.requests] == [root_is_safe]
    assert [request.is_safe_to_repeat for request in ages.requests] == [True]


@pytest.mark.parametrize(
    ("operation", "is_shareable"),
    [("{ user { name age } }", True), ("mutation { rename { name age } }", False)],
)
async def test_only_a_client_s_query_shares_answers(operation: str, is_shareable: bool) -> None:
    """What follows a mutation must not get an answer that is older than the mutation."""
    users, ages = Recorder(), Recorder()
    sdl = compose([Subgraph("users", SDL), Subgraph("ages", OTHER_SDL)]).supergraph_sdl
    assert sdl is not None
    async with Gateway(sdl, {"users": users, "ages": ages}) as gateway:
        await gateway.execute(operation)
    requests = users.requests + ages.requests
    assert [request.is_shareable for request in requests] == [is_shareable] * 2
    assert [request.entities_variable is not None for request in requests] == [False, True]
