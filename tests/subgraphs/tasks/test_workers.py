"""Several worker processes on one PostgreSQL, and one of them killed in the middle."""

import json
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from subgraphs.shared.database import Database, open_database
from subgraphs.shared.migrate import check, upgrade
from subgraphs.shared.settings import load_settings
from subgraphs.tasks.demo_data import load_demo_data
from subgraphs.tasks.models import Campaign, Delivery
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.service import MIGRATIONS
from subgraphs.tasks.states import DeliveryState, TaskState
from tests.kit.servers import clean_environment, running_process
from tests.subgraphs.tasks.conftest import wait_until

LEASE_SECONDS = 4


@pytest.fixture
async def database(postgres_url: str) -> AsyncGenerator[Database]:
    opened = open_database(load_settings("tasks", 4003, {"DATABASE_URL": postgres_url}))
    await upgrade(opened, MIGRATIONS)
    async with opened.writing() as session:
        await load_demo_data(session)
    yield opened
    await opened.close()


def worker_environment(url: str, log: Path) -> dict[str, str]:
    return clean_environment(
        DATABASE_URL=url,
        TASKS_LEASE_SECONDS=str(LEASE_SECONDS),
        TASKS_SIMULATED_LOG=log,
        TASKS_SIMULATED_LATENCY_SECONDS="0.2",
        TASKS_TELEGRAM_PER_SECOND="20",
        TASKS_WHATSAPP_PER_SECOND="20",
    )


async def launch(database: Database, list_id: str) -> None:
    async with database.writing() as session:
        await session.execute(
            update(Campaign)
            .where(Campaign.id == "cmp_autumn_sale")
            .values(state=TaskState.LAUNCHING, list_id=list_id, started_at=func.now())
        )


async def present(database: Database) -> TaskSnapshot:
    async with database.reading() as session:
        return (await session.get_one(Campaign, "cmp_autumn_sale")).snapshot()


async def wait_for_sent(database: Database, count: int) -> None:
    async def is_reached() -> bool:
        return (await present(database)).sent >= count

    await wait_until(is_reached)


async def wait_for_end(database: Database) -> TaskSnapshot:
    async def is_reached() -> bool:
        return (await present(database)).is_final

    await wait_until(is_reached)
    return await present(database)


async def delivery_states(database: Database) -> Counter[DeliveryState]:
    async with database.reading() as session:
        rows = await session.execute(
            select(Delivery.state, func.count())
            .where(Delivery.campaign_id == "cmp_autumn_sale")
            .group_by(Delivery.state)
        )
        return Counter({row[0]: row[1] for row in rows})


def accepted(log: Path) -> list[str]:
    return [json.loads(line)["delivery"] for line in log.read_text().splitlines()]


async def test_a_killed_worker_costs_no_duplicate_and_no_lost_delivery(
    database: Database, postgres_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "accepted.jsonl"
    with ExitStack() as stack:
        workers = [
            stack.enter_context(
                running_process(
                    f"worker-{number}",
                    ["-m", "subgraphs.tasks.worker"],
                    folder=tmp_path,
                    environment=worker_environment(postgres_url, log),
                )
            )
            for number in range(3)
        ]
        await launch(database, "lst_newsletter")
        await wait_for_sent(database, 500)
        workers[0].kill()
        final = await wait_for_end(database)

    states = await delivery_states(database)
    sent = accepted(log)
    assert final.state is TaskState.COMPLETED
    assert final.adds_up
    assert final.total == sum(states.values()) == 5_000
    assert final.unconfirmed == states[DeliveryState.UNCONFIRMED]
    # What was in one worker's hands at the moment it died, and no more.
    assert final.unconfirmed <= 12 * 20
    assert len(sent) == len(set(sent))
    assert final.sent <= len(sent) <= final.sent + final.unconfirmed


async def test_a_stopped_worker_hands_back_what_it_has_not_sent(
    database: Database, postgres_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "accepted.jsonl"
    worker = {"folder": tmp_path, "environment": worker_environment(postgres_url, log)}
    with running_process("first", ["-m", "subgraphs.tasks.worker"], **worker):
        await launch(database, "lst_loyalty")
        await wait_for_sent(database, 100)
    # The block's end sent SIGTERM and waited.
    states = await delivery_states(database)
    assert states[DeliveryState.SENDING] == 0
    assert states[DeliveryState.QUEUED] > 0

    with running_process("second", ["-m", "subgraphs.tasks.worker"], **worker):
        final = await wait_for_end(database)

    assert final.unconfirmed == 0
    assert final.sent == len(accepted(log)) == len(set(accepted(log)))


async def test_migrations_lead_to_the_models(database: Database) -> None:
    await check(database, MIGRATIONS)
