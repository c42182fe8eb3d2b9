"""The database of one service: engine, sessions, and the differences between its two backends.

GraphQL resolvers run side by side, and an `AsyncSession` may be used by one task only. So a session
lives as long as one unit of work (a loader's batch, a page, a mutation), not as long as a request:
`reading()` for queries, `writing()` for one transaction that commits at the end of its block.
"""

import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from subgraphs.shared.settings import ServiceSettings, SettingsError

__all__ = ["Database", "is_postgres", "open_database"]

logger = logging.getLogger(__name__)

#: Connections one process may hold: `POOL_SIZE` kept open, the rest closed after use.
POOL_SIZE = 5
POOL_OVERFLOW = 10
#: How long a unit of work waits for a connection before it fails; longer only hides overload.
POOL_WAIT_SECONDS = 10
#: How long a SQLite writer waits for the one before it.
SQLITE_BUSY_SECONDS = 10
POSTGRES_STATEMENT_SECONDS = 30
#: Statements that belong to the connection, not to the work, and are not counted or timed.
_HOUSEKEEPING = ("BEGIN", "PRAGMA")


class Database:
    """Gives out sessions; closed once by whoever opened it."""

    def __init__(self, engine: AsyncEngine, service_name: str) -> None:
        self.engine = engine
        self.service_name = service_name
        self._readers = async_sessionmaker(engine, expire_on_commit=False)
        self._writers = async_sessionmaker(
            engine.execution_options(begin_immediate=True), expire_on_commit=False
        )

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session for reads; nothing it changes is kept."""
        async with self._readers() as session:
            yield session

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self._writers.begin() as session:
            yield session

    async def is_reachable(self) -> bool:
        """Whether a statement can be run right now."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception:
            # Whatever the driver raises, the answer is no.
            logger.warning("%s: the database cannot be reached", self.service_name, exc_info=True)
            return False
        return True

    @contextlib.contextmanager
    def statements(self) -> Generator[list[str]]:
        """Collect the SQL statements run inside the block, for tests that count them."""
        seen: list[str] = []

        def record(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(_HOUSEKEEPING):
                seen.append(statement)

        engine = self.engine.sync_engine
        event.listen(engine, "before_cursor_execute", record)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", record)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def is_postgres(url: URL) -> bool:
    """Whether the URL names a PostgreSQL database."""
    return url.get_backend_name() == "postgresql"


def open_database(settings: ServiceSettings) -> Database:
    """Create the engine (no connection yet); for SQLite the file's folder is created first."""
    url = settings.database_url
    if is_postgres(url):
        engine = _postgres_engine(url, settings.name)
    else:
        _prepare_folder(url)
        engine = _sqlite_engine(url)
    _log_slow_statements(engine, settings)
    return Database(engine, settings.name)


def _postgres_engine(url: URL, service_name: str) -> AsyncEngine:
    # The search path alone separates the services: no table names a schema, so models and
    # migrations are the same on SQLite.
    server_settings = {
        "search_path": service_name,
        "application_name": f"subgraph-{service_name}",
        "statement_timeout": f"{POSTGRES_STATEMENT_SECONDS}s",
        "timezone": "UTC",
    }
    return create_async_engine(
        url,
        connect_args={"server_settings": server_settings},
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,
    )


def _prepare_folder(url: URL) -> None:
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opening for append proves that the file and its folder may be written, before a server
        # starts; SQLite takes an empty file as a new database.
        with path.open("ab"):
            pass
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"The database file {path} cannot be written: {reason}") from error


def _sqlite_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url,
        connect_args={"timeout": SQLITE_BUSY_SECONDS},
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_SECONDS,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver's own idea of transactions is switched off; `begin` below starts them.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait for another writer: SQLite
        # refuses it at once. So a writer takes its turn at the start.
        immediate = connection.get_execution_options().get("begin_immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _log_slow_statements(engine: AsyncEngine, settings: ServiceSettings) -> None:
    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def started(connection: Connection, *_: Any) -> None:
        connection.info["started"] = time.perf_counter()

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def finished(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        seconds = time.perf_counter() - connection.info["started"]
        if seconds >= settings.slow_query_seconds:
            # The statement has placeholders, never values: no personal data reaches the log.
            logger.warning("%s: slow query, %.3f s: %s", settings.name, seconds, statement)
