"""Migrations lead to exactly the models' tables, on both databases, also when run at once."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from subgraphs.accounts.service import SERVICE as ACCOUNTS
from subgraphs.shared.database import open_database
from subgraphs.shared.migrate import check, upgrade
from subgraphs.shared.service import Service
from subgraphs.shared.settings import load_settings
from subgraphs.users.service import SERVICE as USERS

SERVICES = [USERS, ACCOUNTS]


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    if request.param == "postgres":
        return {"DATABASE_URL": request.getfixturevalue("postgres_url")}
    return {"DATA_DIR": str(tmp_path)}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_models_and_migrations_agree(service: Service, environment: dict[str, str]) -> None:
    database = open_database(load_settings(service.name, 4000, environment))
    try:
        await upgrade(database, service.migrations)
        await upgrade(database, service.migrations)
        await check(database, service.migrations)
    finally:
        await database.close()


async def test_all_services_share_one_postgres_and_start_at_once(postgres_url: str) -> None:
    environment = {"DATABASE_URL": postgres_url}
    databases = [
        (service, open_database(load_settings(service.name, 4000, environment)))
        for service in SERVICES * 3
    ]
    try:
        await asyncio.gather(
            *(upgrade(database, service.migrations) for service, database in databases)
        )
        async with databases[0][1].reading() as session:
            found = await session.execute(
                text(
                    "SELECT schemaname, tablename FROM pg_tables"
                    " WHERE tablename LIKE '%alembic_version' ORDER BY 1"
                )
            )
            assert [tuple(row) for row in found] == [
                ("accounts", "accounts_alembic_version"),
                ("users", "users_alembic_version"),
            ]
    finally:
        for _, database in databases:
            await database.close()
