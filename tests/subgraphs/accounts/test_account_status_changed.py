"""The live changes, over a real WebSocket."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
import websockets

from subgraphs.accounts.service import SERVICE
from subgraphs.shared.app import create_service_app
from subgraphs.shared.auth import TokenKey, Viewer
from subgraphs.shared.migrate import upgrade
from subgraphs.shared.resources import open_resources
from subgraphs.shared.settings import load_settings
from tests.subgraphs.running_service import ADA, HANK

KEY = "a key for tests that is long enough"
SUBSCRIBE = """
subscription Changes($organization: ID!) {
  accountStatusChanged(organizationId: $organization) { id displayName status }
}
"""
CHANGE = """
mutation {{
  {0}Account(input: {{accountId: "{1}", idempotencyKey: "{2}"}}) {{ account {{ status }} }}
}}
"""


def token(viewer: Viewer) -> str:
    return "Bearer " + TokenKey(KEY.encode()).sign(viewer, lifetime_seconds=3600)


@pytest.fixture
async def url(tmp_path: Path, serve: Callable[..., str]) -> str:
    """A served accounts service with demo data."""
    settings = load_settings("accounts", 4002, {"DATA_DIR": str(tmp_path), "USERS_TOKEN_KEY": KEY})
    async with open_resources(settings) as resources:
        await upgrade(resources.database, SERVICE.migrations)
        async with resources.database.writing() as session:
            await SERVICE.load_demo_data(session)
    return serve(create_service_app(SERVICE, settings))


@contextlib.asynccontextmanager
async def connected(
    url: str, init: dict[str, Any] | None = None, header: str | None = None
) -> AsyncGenerator[websockets.ClientConnection]:
    address = url.replace("http", "ws") + "/graphql"
    headers = {"Authorization": header} if header else {}
    async with websockets.connect(
        address, subprotocols=["graphql-transport-ws"], additional_headers=headers
    ) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": init or {}}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        yield socket


async def subscribe(socket: websockets.ClientConnection, organization: str = "org_acme") -> None:
    payload = {"query": SUBSCRIBE, "variables": {"organization": organization}}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))


async def change(url: str, action: str, account: str, key: str, viewer: Viewer = ADA) -> None:
    async with httpx2.AsyncClient(headers={"Authorization": token(viewer)}) as client:
        query = CHANGE.format(action, account, key)
        answer = (await client.post(url + "/graphql", json={"query": query})).json()
        assert "errors" not in answer, answer


async def changes_until_seen(socket: websockets.ClientConnection, url: str) -> dict[str, Any]:
    """Toggle an account until the subscription shows it: how a client learns that it is live."""
    for attempt in range(100):
        await change(url, ("pause", "resume")[attempt % 2], "acc_wa_6", f"live{attempt}")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                return json.loads(await socket.recv())
    raise AssertionError("the subscription never became live")


@pytest.mark.parametrize("way", ["header", "connection_init"])
async def test_a_change_arrives_as_it_is_now(url: str, way: str) -> None:
    init = {"authorization": token(ADA)} if way == "connection_init" else None
    header = token(ADA) if way == "header" else None
    async with connected(url, init, header) as socket:
        await subscribe(socket)
        first = await changes_until_seen(socket, url)
        assert first["payload"]["data"]["accountStatusChanged"]["id"] == "acc_wa_6"

        await change(url, "pause", "acc_tg_globex", "k", HANK)
        await change(url, "pause", "acc_tg_1", "k1")
        await change(url, "resume", "acc_tg_1", "k2")
        seen = []
        while seen[-1:] != [("acc_tg_1", "ACTIVE")]:
            message = json.loads(await socket.recv())
            account = message["payload"]["data"]["accountStatusChanged"]
            seen.append((account["id"], account["status"]))

        assert all(account != "acc_tg_globex" for account, _ in seen)


@pytest.mark.parametrize(
    ("init", "organization", "code"),
    [
        (None, "org_acme", "UNAUTHENTICATED"),
        ({"authorization": "Bearer wrong"}, "org_acme", "UNAUTHENTICATED"),
        ({"Authorization": token(ADA)}, "org_globex", "NOT_FOUND"),
        ({"Authorization": token(ADA)}, "org_nothing", "NOT_FOUND"),
    ],
)
async def test_a_subscription_one_may_not_have_ends_with_a_code(
    url: str, init: dict[str, Any] | None, organization: str, code: str
) -> None:
    async with connected(url, init) as socket:
        await subscribe(socket, organization)
        message = json.loads(await socket.recv())
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]

        assert errors[0]["extensions"]["code"] == code
