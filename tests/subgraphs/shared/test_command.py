"""The command line of a service, as a process: exit codes and messages."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from subgraphs.accounts.service import SERVICE as ACCOUNTS
from subgraphs.shared.service import Service
from subgraphs.users.service import SERVICE as USERS
from tests.kit.servers import REPOSITORY, clean_environment, running_process


def run(*arguments: str, **environment: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env=clean_environment(**environment),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("service", [USERS, ACCOUNTS], ids=lambda service: service.name)
def test_schema_prints_the_sdl_and_needs_no_settings(service: Service) -> None:
    result = run(f"subgraphs.{service.name}", "schema", DATABASE_URL="nonsense")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == service.schema.as_str().rstrip() + "\n"


def test_demo_data_may_be_loaded_twice(tmp_path: Path) -> None:
    for _ in range(2):
        result = run("subgraphs.users", "demo-data", DATA_DIR=tmp_path)
        assert result.returncode == 0, result.stderr
    assert (tmp_path / "users.db").stat().st_size > 0


@pytest.mark.parametrize("command", ["serve", "migrate", "demo-data"])
def test_wrong_settings_end_with_2_and_a_message(command: str) -> None:
    result = run("subgraphs.users", command, DATABASE_URL="mysql://h/d")

    assert result.returncode == 2
    assert result.stderr == "users: DATABASE_URL must start with postgresql:// or sqlite:///\n"


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_an_unusable_data_folder_ends_with_2_and_a_message(command: str, tmp_path: Path) -> None:
    # A file in the folder's place cannot be written into by anyone, root included.
    (tmp_path / "data").write_text("")
    result = run("subgraphs.users", command, DATA_DIR=tmp_path / "data" / "x")

    assert result.returncode == 2
    assert "cannot be" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_busy_port_ends_with_2_and_a_message(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        result = run("subgraphs.users", DATA_DIR=tmp_path, USERS_PORT=port)

    assert result.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in result.stderr
    assert "USERS_PORT" in result.stderr


def test_a_database_that_is_down_ends_with_1_and_no_password() -> None:
    result = run(
        "subgraphs.users", "migrate", DATABASE_URL="postgresql://u:hunter2@127.0.0.1:9/nothing"
    )

    assert result.returncode == 1
    assert "the database cannot be used" in result.stderr
    assert "hunter2" not in result.stderr


def test_an_unknown_command_ends_with_2() -> None:
    assert run("subgraphs.users", "dance").returncode == 2


def test_serve_answers_and_ends_cleanly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = clean_environment(DATA_DIR=tmp_path / "new", ACCOUNTS_PORT=str(port))
    with running_process(
        "accounts",
        ["-m", "subgraphs.accounts", "serve"],
        folder=tmp_path,
        environment=environment,
        health_url=f"http://127.0.0.1:{port}/health/ready",
    ) as process:
        process.stop()
        assert process.exit_code in {0, -15}, process.log_tail()
    assert "Traceback" not in process.log_tail()
