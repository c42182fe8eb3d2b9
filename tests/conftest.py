"""Fixtures that every test may ask for: real servers, one of each per pytest worker."""

import itertools
from collections.abc import Callable, Generator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings

from subgraphs.demo.installed_servers import (
    PostgresServer,
    RedisServer,
    start_postgres,
    start_redis,
)
from tests.kit.examples import examples
from tests.kit.servers import require_binary, server_folder, uvicorn_server

settings.register_profile("tests", examples(100))
settings.load_profile("tests")

_database_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def session_redis() -> Generator[RedisServer]:
    with server_folder() as folder:
        with require_binary("redis"):
            server = start_redis(folder)
        yield server
        server.stop()


@pytest.fixture
def redis_server(session_redis: RedisServer) -> Generator[RedisServer]:
    """A real Redis: `.url`, `.kill()`, `.restart()`; it runs again for the next test."""
    yield session_redis
    if not session_redis.process.is_running:
        session_redis.restart()


@pytest.fixture(scope="module")
def module_durable_redis() -> Generator[RedisServer]:
    with server_folder() as folder:
        with require_binary("redis"):
            server = start_redis(folder, is_durable=True)
        yield server
        server.stop()


@pytest.fixture
def durable_redis(module_durable_redis: RedisServer) -> Generator[RedisServer]:
    """A real Redis that loses nothing it acknowledged; it runs again for the next test."""
    yield module_durable_redis
    if not module_durable_redis.process.is_running:
        module_durable_redis.restart()


@pytest.fixture(scope="session")
def postgres_server() -> Generator[PostgresServer]:
    """A real PostgreSQL; most tests want `postgres_url`."""
    with server_folder() as folder:
        with require_binary("postgres"):
            server = start_postgres(folder)
        yield server
        server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Generator[str]:
    """The SQLAlchemy URL (asyncpg) of an empty database for this test alone."""
    yield from _fresh_database(postgres_server)


@pytest.fixture(scope="module")
def module_postgres_url(postgres_server: PostgresServer) -> Generator[str]:
    """The SQLAlchemy URL (asyncpg) of a database that the tests of one module share."""
    yield from _fresh_database(postgres_server)


@pytest.fixture
def serve() -> Generator[Callable[..., str]]:
    """`serve(app, port=0, **uvicorn settings)` answers the base URL; stopped after the test."""
    with ExitStack() as servers:

        def start(app: Any, **settings: Any) -> str:
            return servers.enter_context(uvicorn_server(app, **settings))

        yield start


def _fresh_database(server: PostgresServer) -> Generator[str]:
    name = f"test_{next(_database_numbers)}"
    yield server.create_database(name)
    server.drop_database(name)
