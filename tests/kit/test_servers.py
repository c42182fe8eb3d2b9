"""The kit itself: servers answer, come back after a crash, and leave nothing behind."""

import socket
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from subgraphs.demo.installed_servers import PostgresServer, RedisServer, find_binary
from subgraphs.demo.processes import (
    ChildProcess,
    StartError,
    answers_health,
    free_port,
    is_port_free,
)
from tests.kit.servers import clean_environment, require_binary, running_process


def ping(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16)


def test_redis_answers_again_on_its_port_after_a_crash(redis_server: RedisServer) -> None:
    assert ping(redis_server.port) == b"+PONG\r\n"

    redis_server.kill()
    with pytest.raises(ConnectionRefusedError):
        ping(redis_server.port)
    redis_server.restart()

    assert ping(redis_server.port) == b"+PONG\r\n"


async def test_postgres_gives_each_test_an_empty_database(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    connection = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
    try:
        tables = await connection.fetchval(
            "select count(*) from information_schema.tables where table_schema = 'public'"
        )
    finally:
        await connection.close()

    assert tables == 0
    assert postgres_server.has_database(postgres_url.rsplit("/", 1)[1])


def test_served_app_answers(serve: Callable[..., str]) -> None:
    async def health(request: object) -> PlainTextResponse:
        return PlainTextResponse("ok")

    url = serve(Starlette(routes=[Route("/health/live", health)]))

    assert answers_health(f"{url}/health/live")
    assert not answers_health(f"{url}/nowhere")


def test_process_that_dies_at_start_shows_its_last_words(tmp_path: Path) -> None:
    command = ["-m", "http.server", "no-port"]

    with (
        pytest.raises(StartError, match=r"(?s)web ended at start with exit code 2.*invalid int"),
        running_process(
            "web",
            command,
            folder=tmp_path,
            environment=clean_environment(),
            health_url="http://127.0.0.1:9/",
        ),
    ):
        pytest.fail("the block must not run")


def test_process_ends_with_its_block(tmp_path: Path) -> None:
    port = free_port()
    with running_process(
        "web",
        ["-m", "http.server", str(port), "--bind", "127.0.0.1"],
        folder=tmp_path,
        environment=clean_environment(),
        health_url=f"http://127.0.0.1:{port}/",
    ) as process:
        assert process.is_running

    assert not process.is_running
    assert is_port_free(port)


def test_unknown_program_is_a_clear_start_error(tmp_path: Path) -> None:
    process = ChildProcess("ghost", ["/no/such/program"], tmp_path / "log")

    with pytest.raises(StartError, match="ghost cannot be started"):
        process.start()


def test_missing_binary_fails_loudly_unless_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def search() -> None:
        with require_binary("varnish"):
            find_binary("no-such-program", package="varnish")

    monkeypatch.delenv("SUPERGRAPH_TESTS_WITHOUT", raising=False)
    with pytest.raises(pytest.fail.Exception, match=r"apt-get install .* varnish"):
        search()
    monkeypatch.setenv("SUPERGRAPH_TESTS_WITHOUT", "redis,varnish")
    with pytest.raises(pytest.skip.Exception, match="varnish"):
        search()
