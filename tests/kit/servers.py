"""Real servers for tests: started on free loopback ports, known to be ready, always stopped.

`tests/conftest.py` turns these into fixtures. Every pytest worker has servers of its own in
folders of its own, so tests may run side by side.
"""

import contextlib
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from subgraphs.demo.installed_servers import MissingBinaryError
from subgraphs.demo.processes import ChildProcess, answers_health, wait_until

__all__ = [
    "REPOSITORY",
    "clean_environment",
    "require_binary",
    "running_process",
    "server_folder",
    "uvicorn_server",
]

REPOSITORY = Path(__file__).parents[2]
READY_SECONDS = 60.0
#: Settings of the developer's shell that must not reach a server under test.
SETTINGS_PREFIXES = (
    *("DATABASE_URL", "REDIS_URL", "AMQP_URL", "KAFKA_", "DATA_DIR"),
    *("SUPERGRAPH_", "USERS_", "ACCOUNTS_", "TASKS_", "INSIGHTS_"),
)


def clean_environment(**settings: str | Path) -> dict[str, str]:
    """Our environment without the project's settings, plus the given ones."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(SETTINGS_PREFIXES)}
    kept["PYTHONUNBUFFERED"] = "1"
    return kept | {name: str(value) for name, value in settings.items()}


@contextlib.contextmanager
def require_binary(name: str) -> Generator[None]:
    """Fail the test when a program is missing, or skip it when the run said it does without.

    `SUPERGRAPH_TESTS_WITHOUT=redis,postgres,chromium,node` names what may be left out.
    """
    try:
        yield
    except MissingBinaryError as error:
        if name in os.environ.get("SUPERGRAPH_TESTS_WITHOUT", "").split(","):
            pytest.skip(f"SUPERGRAPH_TESTS_WITHOUT names {name}: {error}")
        pytest.fail(f"{error}. To leave these tests out: SUPERGRAPH_TESTS_WITHOUT={name}")


@contextlib.contextmanager
def server_folder() -> Generator[Path]:
    """A temporary folder that a server running as another user can reach."""
    with tempfile.TemporaryDirectory(prefix="supergraph-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextlib.contextmanager
def running_process(
    name: str,
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    health_url: str | None = None,
    ready_seconds: float = READY_SECONDS,
) -> Generator[ChildProcess]:
    """A process that is ready (its health endpoint answers 200) and that ends with the block.

    A command that starts with "-m" is run by the tests' own interpreter. Output goes to
    `folder/<name>.log`; the current folder is the repository.
    """
    process = ChildProcess(
        name=name,
        command=[sys.executable, *command] if command[0] == "-m" else command,
        log_path=folder / f"{name}.log",
        environment=environment,
        folder=REPOSITORY,
    )
    process.start()
    try:
        if health_url is not None:
            process.wait_until_ready(lambda: answers_health(health_url), ready_seconds)
        yield process
    finally:
        process.stop()


@contextlib.contextmanager
def uvicorn_server(
    app: Any, *, port: int = 0, unix_path: str | None = None, **settings: Any
) -> Generator[str]:
    """Serve an ASGI app from a thread of this process; yields its base URL.

    The socket is bound here, so nobody can take the port. `port` restarts a server at the same
    address. With `unix_path` it is a Unix socket, and the address "unix:path:" in front of a path.
    `settings` go to `uvicorn.Config`.
    """
    defaults = {"log_level": "warning", "lifespan": "on", "ws": "websockets-sansio"}
    server = uvicorn.Server(uvicorn.Config(app, **(defaults | settings)))
    listener = socket.socket(socket.AF_INET if unix_path is None else socket.AF_UNIX)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port) if unix_path is None else unix_path)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        wait_until(
            lambda: server.started or not thread.is_alive(), READY_SECONDS, "uvicorn's start"
        )
        if not server.started:
            pytest.fail("uvicorn ended at start; see its log above")
        if unix_path is None:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        else:
            yield f"unix:{unix_path}:"
    finally:
        server.should_exit = True
        thread.join(READY_SECONDS)
        listener.close()
        if thread.is_alive():
            pytest.fail("uvicorn did not stop: a connection or a lifespan hangs")
