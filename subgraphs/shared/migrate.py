"""Bringing a service's tables to the newest version, from code: Alembic without its command line.

Each service has a `migrations/` folder and a version table of its own. On PostgreSQL the service's
schema is created first, and an advisory lock makes processes that start together take turns; on
SQLite the write transaction does the same.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.schema import CreateSchema

from subgraphs.shared.columns import UtcDateTime
from subgraphs.shared.database import Database

__all__ = ["Migrations", "check", "revision", "run_environment", "upgrade"]

LOCK_POLL_SECONDS = 0.02
_alembic_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Migrations:
    """Where a service's migrations are, and the tables they must lead to."""

    service_name: str
    folder: Path
    metadata: MetaData

    @property
    def version_table(self) -> str:
        """The table that holds the version reached."""
        return f"{self.service_name}_alembic_version"


async def upgrade(database: Database, migrations: Migrations) -> None:
    """Run every migration that is missing; all or nothing, safe to run twice or at once."""
    await _run(database, migrations, lambda config: command.upgrade(config, "head"))


async def check(database: Database, migrations: Migrations) -> None:
    """Raise `alembic.util.CommandError` when models and migrated tables differ."""
    await _run(database, migrations, command.check)


async def revision(database: Database, migrations: Migrations, message: str) -> None:
    """Write a new migration from the difference between models and tables (for developers)."""

    def autogenerate(config: Config) -> None:
        command.revision(config, message=message, autogenerate=True)

    await _run(database, migrations, autogenerate)


async def _run(
    database: Database, migrations: Migrations, action: Callable[[Config], object]
) -> None:
    def in_connection(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(migrations.folder))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        config.attributes["migrations"] = migrations
        action(config)

    engine = database.engine.execution_options(begin_immediate=True)
    async with _alembic_to_itself(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtext(:name))"),
                {"name": f"migrate:{migrations.service_name}"},
            )
            await connection.execute(CreateSchema(migrations.service_name, if_not_exists=True))
        await connection.run_sync(in_connection)


@contextlib.asynccontextmanager
async def _alembic_to_itself() -> AsyncGenerator[None]:
    """Let one migration of this process run at a time.

    Alembic keeps what it is working on in module globals (`context`, `op`), while the embedded mode
    starts all services side by side, perhaps on several event loops. So the lock is a thread's, and
    is tried again and again rather than waited for: waiting would stop the loop that holds it.
    """
    while not _alembic_lock.acquire(blocking=False):  # noqa: ASYNC110 - see above
        await asyncio.sleep(LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        _alembic_lock.release()


def run_environment() -> None:
    """The whole of a service's `env.py`: migrate over the connection that `_run` handed in."""
    attributes = context.config.attributes
    migrations: Migrations = attributes["migrations"]
    context.configure(
        connection=attributes["connection"],
        target_metadata=migrations.metadata,
        version_table=migrations.version_table,
        compare_type=True,
        render_item=_render_item,
        render_as_batch=True,  # SQLite cannot alter a column; Alembic rebuilds the table
    )
    with context.begin_transaction():
        context.run_migrations()


def _render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    # A migration must keep its meaning when our code changes, so it names plain SQLAlchemy types.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False
