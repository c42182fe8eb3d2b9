"""The tasks service on a real socket with the official channels, and a simulator behind them."""

import contextlib
import json
import shutil
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.app import create_service_app
from subgraphs.shared.database import Database, open_database
from subgraphs.shared.migrate import upgrade
from subgraphs.shared.settings import load_settings
from subgraphs.tasks.demo_data import load_demo_data
from subgraphs.tasks.models import Campaign, ContactList, Delivery, ListMember, Template
from subgraphs.tasks.progress import COUNTERS, TaskSnapshot, counter_moves
from subgraphs.tasks.service import MIGRATIONS, SERVICE
from subgraphs.tasks.simulator.config import SimulatorConfig
from subgraphs.tasks.states import DeliveryState, TaskState
from tests.kit.servers import clean_environment, uvicorn_server
from tests.subgraphs.tasks.conftest import wait_until
from tests.subgraphs.tasks.simulator_kit import Simulator, start_simulator

CAMPAIGN = "cmp_autumn_sale"
#: The first contacts of the demo data; one in fifty has opted out.
SHORT_LIST_CONTACTS = 240
VERIFY_TOKEN = "verify-token-of-the-tests"
#: Far below the platforms' rates: a stalled test machine must not look like a fast sender.
PACE = {"TASKS_TELEGRAM_PER_SECOND": "15", "TASKS_WHATSAPP_PER_SECOND": "40"}


def bot_of(account_id: str) -> str:
    """The bot's or number's name at the simulator."""
    return f"{'20000000' if '_tg_' in account_id else '10000000'}{account_id[-1]}"


def credentials_of(account_id: str) -> dict[str, str]:
    name = bot_of(account_id)
    if "_tg_" in account_id:
        token = f"{name}:AA-secret-token-of-a-bot-in-tests-{name}"
        return {
            "organizationId": "org_acme",
            "botToken": token,
            "webhookSecret": f"hook-secret-{name}",
        }
    return {
        "organizationId": "org_acme",
        "phoneNumberId": name,
        "accessToken": f"EAA-secret-token-of-a-number-in-tests-{name}",
    }


ACCOUNTS = [f"acc_{kind}_{number}" for kind in ("tg", "wa") for number in range(1, 7)]


@dataclass
class OfficialTasks:
    """A running service and the providers it sends through."""

    url: str
    database: Database
    simulator: Simulator
    log: Path

    async def launch(self, list_id: str = "lst_short") -> None:
        async with self.database.writing() as session:
            await session.execute(
                update(Campaign)
                .where(Campaign.id == CAMPAIGN)
                .values(state=TaskState.LAUNCHING, list_id=list_id, started_at=func.now())
            )

    async def cancel(self) -> None:
        async with self.database.writing() as session:
            await session.execute(
                update(Campaign).where(Campaign.id == CAMPAIGN).values(state=TaskState.CANCELLED)
            )

    async def snapshot(self) -> TaskSnapshot:
        async with self.database.reading() as session:
            return (await session.get_one(Campaign, CAMPAIGN)).snapshot()

    async def end(self) -> TaskSnapshot:
        """Wait until nothing is on the way, and every webhook has been taken in."""

        async def is_over() -> bool:
            return (await self.snapshot()).is_final and not self.simulator.pending_webhooks()

        await wait_until(is_over)
        return await self.snapshot()

    async def deliveries(self, **where: Any) -> list[Delivery]:
        async with self.database.reading() as session:
            statement = select(Delivery).filter_by(campaign_id=CAMPAIGN, **where)
            return list(await session.scalars(statement))

    async def states(self) -> Counter[DeliveryState]:
        return Counter(delivery.state for delivery in await self.deliveries())

    def accepted(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    async def check_numbers(self) -> TaskSnapshot:
        """The campaign's counters say what its deliveries say."""
        snapshot = await self.snapshot()
        assert snapshot.adds_up, snapshot
        states = await self.states()
        moves = [(DeliveryState.QUEUED, state) for state in states.elements()]
        counted = {"total": sum(states.values()), "queued": sum(states.values())}
        for name, change in counter_moves(moves).items():
            counted[name] = counted.get(name, 0) + change
        assert {n: getattr(snapshot, n) for n in COUNTERS} == dict.fromkeys(COUNTERS, 0) | counted
        return snapshot

    def check_providers(self) -> None:
        """No duplicates, and no account above its platform's rates or deaf to `retry_after`."""
        stats = self.simulator.stats()
        assert stats["duplicates"] == 0, stats
        assert stats["disobeyed"] == 0, stats
        for name, account in stats["accounts"].items():
            assert account["rateViolations"] == 0, (name, account)
            assert account["rateMax"] <= (30 if name.startswith("telegram") else 80)
        lines = [(m["account"], m["recipient"]) for m in self.accepted()]
        assert len(lines) == len(set(lines)) == stats["accepted"]


OpenOfficial = Callable[..., contextlib.AbstractAsyncContextManager[OfficialTasks]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def open_official(
    tmp_path: Path,
    demo_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    serve: Callable[..., str],
    backend: str,
) -> OpenOfficial:
    """`async with open_official(config, **settings)`: the service with demo data, sending."""
    # The database is on a server, or a file that is there before anything opens it.
    database_url = request.getfixturevalue("postgres_url") if backend == "postgres" else None

    @contextlib.asynccontextmanager
    async def open_app(
        config: SimulatorConfig | None = None, **settings: str
    ) -> AsyncGenerator[OfficialTasks]:
        log = tmp_path / "accepted.jsonl"
        simulator = start_simulator(serve, config or SimulatorConfig(), log_path=str(log))
        credentials = tmp_path / "credentials.json"
        credentials.write_text(json.dumps({name: credentials_of(name) for name in ACCOUNTS}))
        given = PACE | {
            "DATA_DIR": str(tmp_path),
            "USERS_TOKEN_KEY": "k" * 32,
            "TASKS_CHANNEL": "official",
            "TASKS_TELEGRAM_URL": simulator.url,
            "TASKS_WHATSAPP_URL": simulator.url,
            "TASKS_CREDENTIALS_FILE": str(credentials),
            "TASKS_WHATSAPP_APP_SECRET": SimulatorConfig().whatsapp_app_secret,
            "TASKS_WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN,
        }
        given |= {"DATABASE_URL": database_url} if database_url else {}
        given |= settings
        for name in clean_environment().keys() ^ clean_environment(**given).keys():
            monkeypatch.setenv(name, given[name])
        if database_url is None:
            shutil.copy(demo_folder / "tasks.db", tmp_path / "tasks.db")
        loaded = load_settings("tasks", 4003, given)
        database = open_database(loaded)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(database.close)
            await upgrade(database, MIGRATIONS)
            async with database.writing() as session:
                await load_demo_data(session)
                await _make_short_list(session)
                await session.execute(
                    update(Template).values(whatsapp_name="autumn_sale", whatsapp_language="en")
                )
            # It must end before its database does, which a fixture would not.
            url = stack.enter_context(uvicorn_server(create_service_app(SERVICE, loaded)))
            _set_webhooks(simulator, url)
            yield OfficialTasks(url, database, simulator, log)

    return open_app


async def _make_short_list(session: AsyncSession) -> None:
    now = datetime.now(UTC)
    session.add(
        ContactList(id="lst_short", organization_id="org_acme", name="Short", created_at=now)
    )
    await session.flush()
    ids = [f"cnt_{number:05d}" for number in range(1, SHORT_LIST_CONTACTS + 1)]
    members = [{"list_id": "lst_short", "contact_id": contact_id} for contact_id in ids]
    await session.execute(insert(ListMember), members)


def _set_webhooks(simulator: Simulator, url: str) -> None:
    subscribed = simulator.call(
        "/v23.0/app/subscriptions",
        object="whatsapp_business_account",
        callback_url=f"{url}/webhooks/whatsapp",
        verify_token=VERIFY_TOKEN,
    )
    assert subscribed == {"success": True}
    for account_id in ACCOUNTS[:6]:
        given = credentials_of(account_id)
        answer = simulator.call(
            f"/bot{given['botToken']}/setWebhook",
            url=f"{url}/webhooks/telegram/{account_id}",
            secret_token=given["webhookSecret"],
        )
        assert answer["ok"] is True
