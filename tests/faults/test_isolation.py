"""Callers who ask the same at the same time get each their own answer, errors included."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from supergraph.config.gateway import GatewayConfig, HeaderConfig
from supergraph.server.gateway import Gateway
from supergraph.traffic.transport import SubgraphRequest
from tests.kit.check_execution import GraphSubgraph
from tests.kit.check_plan import compose_supergraph
from tests.traffic.http1.wire_server import Behaviour, Request, answer_bytes, wire_server

CATALOG = 'type Query { items: [Item!]! } type Item @key(fields: "id") { id: ID! }'
VAULT = """
type Query { me: String }
type Item @key(fields: "id") { id: ID! secret: String forbidden: String notes: [Note!] }
type Note { text: String }
"""
SUPERGRAPH = compose_supergraph({"catalog": CATALOG, "vault": VAULT})
CONFIG = GatewayConfig(introspection=True, headers=HeaderConfig(forward=("authorization",)))
QUERY = "{ me a: items { id secret notes { text } } b: items { secret forbidden } }"
IDS = ("1", "2", "3")
CALLERS = 12
REQUESTS = 360
CONCURRENT = 60


class Vault:
    """A subgraph whose every value and error says who asked."""

    def __init__(self) -> None:
        self.subgraphs: dict[str, GraphSubgraph] = {}
        self.requests = 0

    async def answer(self, request: Request) -> bytes:
        caller = request.head.split("authorization: ")[1].split("\r\n")[0]
        if caller not in self.subgraphs:
            self.subgraphs[caller] = GraphSubgraph(
                VAULT, {"me": caller}, entities=lambda item: _item(caller, item["id"])
            )
        body = json.loads(request.body)
        reply = await self.subgraphs[caller].execute(
            SubgraphRequest(body["query"], body.get("variables", {}))
        )
        self.requests += 1
        return answer_bytes(json.dumps({"data": reply.data, "errors": reply.errors}).encode())


@asynccontextmanager
async def gateway_over(behave: Behaviour) -> AsyncGenerator[Gateway, None]:
    catalog = GraphSubgraph(CATALOG, {"items": [{"id": item} for item in IDS]})
    async with (
        wire_server(behave) as server,
        Gateway(SUPERGRAPH, {"catalog": catalog, "vault": server.address}, CONFIG) as gateway,
    ):
        yield gateway


async def test_callers_under_load_never_see_each_others_data() -> None:
    vault, rng = Vault(), Random(7)

    async def behave(request: Request) -> None:
        answer = await vault.answer(request)
        for _ in range(rng.randint(0, 30)):  # turns of the loop: answers overtake each other
            await asyncio.sleep(0)
        request.writer.write(answer)

    async with gateway_over(behave) as gateway:
        numbers = iter(range(REQUESTS))

        async def ask_on() -> None:
            for number in numbers:
                await ask(gateway, f"caller-{number % CALLERS}")

        await asyncio.gather(*(ask_on() for _ in range(CONCURRENT)))
    assert set(vault.subgraphs) == {f"caller-{number}" for number in range(CALLERS)}


async def test_the_later_of_two_callers_is_answered_first_and_each_gets_its_own() -> None:
    vault = Vault()
    both_arrived, second_answered = asyncio.Event(), asyncio.Event()
    waiting: set[str] = set()

    async def behave(request: Request) -> None:
        caller = "first" if "authorization: first" in request.head else "second"
        waiting.add(caller)
        if len(waiting) == 2:
            both_arrived.set()
        await both_arrived.wait()
        if caller == "first":
            await second_answered.wait()
        request.writer.write(await vault.answer(request))

    async with gateway_over(behave) as gateway:

        async def second() -> None:
            await ask(gateway, "second")
            second_answered.set()

        await asyncio.gather(ask(gateway, "first"), second())


async def test_what_one_caller_was_refused_another_still_gets() -> None:
    vault = Vault()

    async def behave(request: Request) -> None:
        if "authorization: refused" in request.head:
            request.writer.write(answer_bytes(b'{"errors": [{"message": "not you"}]}'))
        else:
            request.writer.write(await vault.answer(request))

    async with gateway_over(behave) as gateway:
        refused, _ = await asyncio.gather(
            gateway.execute(QUERY, headers={"Authorization": "refused"}), ask(gateway, "somebody")
        )
        assert {error["message"] for error in refused.errors} == {"not you"}
        assert "somebody" not in str(refused)
        await ask(gateway, "somebody")


async def ask(gateway: Gateway, caller: str) -> None:
    """Everything in the answer is the caller's own."""
    result = await gateway.execute(QUERY, headers={"Authorization": caller})
    assert result.data == {
        "me": caller,
        "a": [
            {"id": key, "secret": f"{caller} {key}", "notes": [{"text": f"{caller} note {key}"}]}
            for key in IDS
        ],
        "b": [{"secret": f"{caller} {key}", "forbidden": None} for key in IDS],
    }
    assert sorted(error["message"] for error in result.errors) == [
        f"{caller} may not see {key}" for key in IDS
    ]


def _item(caller: str, key: str) -> dict[str, Any]:
    return {
        "__typename": "Item",
        "id": key,
        "secret": f"{caller} {key}",
        "forbidden": PermissionError(f"{caller} may not see {key}"),
        "notes": [{"text": f"{caller} note {key}"}],
    }
