"""What cannot start says why, in words, with an exit code, and leaves nothing behind."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from subgraphs.demo.processes import free_port, wait_until
from subgraphs.demo.topology import SUBGRAPH_PORTS
from tests.kit.servers import REPOSITORY, clean_environment, running_process

pytestmark = pytest.mark.e2e

START_SECONDS = 60


@pytest.fixture
def busy_port() -> Generator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def run(*arguments: str, **settings: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=REPOSITORY,
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def output(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout + done.stderr


def test_run_on_a_busy_port(busy_port: int, tmp_path: Path) -> None:
    done = run("subgraphs.demo", "run", "--port", str(busy_port), DATA_DIR=tmp_path)

    assert done.returncode == 2
    assert f"port {busy_port}" in output(done)
    assert list(tmp_path.iterdir()) == []


def test_stack_on_a_busy_port(tmp_path: Path) -> None:
    with socket.socket() as listener:
        with contextlib.suppress(OSError):  # then another program has the port, which is as good
            listener.bind(("127.0.0.1", SUBGRAPH_PORTS["tasks"]))
            listener.listen()
        done = run("subgraphs.demo", "stack", DATA_DIR=tmp_path)

    assert done.returncode == 2
    assert str(SUBGRAPH_PORTS["tasks"]) in output(done)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ["serve", "--supergraph", "schema/supergraph.graphql"],
        ["dev", "--config", "rover.yaml"],
    ],
    ids=["serve", "dev"],
)
def test_gateway_on_a_busy_port(command: list[str], busy_port: int) -> None:
    done = run("supergraph", *command, "--port", str(busy_port))

    assert done.returncode == 2
    assert f"127.0.0.1:{busy_port}" in output(done)


def test_run_with_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file")

    done = run("subgraphs.demo", "run", "--port", str(free_port()), DATA_DIR=in_the_way)

    assert done.returncode == 1
    assert f"The data folder {in_the_way} cannot be written to" in output(done)
    assert in_the_way.read_text() == "a file"


@pytest.mark.parametrize("name", ["users", "accounts", "tasks"])
def test_subgraph_with_a_data_folder_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file")

    port = {f"{name.upper()}_PORT": str(free_port())}
    done = run(f"subgraphs.{name}", DATA_DIR=in_the_way, **port)

    assert done.returncode in {1, 2}
    assert str(in_the_way) in output(done)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("subgraphs: [", "rover.yaml:1"),
        ("subgraphs:\n  users:\n    routing_ulr: x\n", "routing_ulr"),
        (
            "subgraphs:\n  users:\n    routing_url: http://x\n    schema: {file: gone.graphql}\n",
            "gone.graphql",
        ),
    ],
    ids=["not-yaml", "unknown-key", "missing-schema-file"],
)
@pytest.mark.parametrize("command", ["compose", "serve"])
def test_broken_rover_yaml(command: str, text: str, expected: str, tmp_path: Path) -> None:
    config = tmp_path / "rover.yaml"
    config.write_text(text)

    done = run("supergraph", command, "--config", str(config))

    assert done.returncode == 2
    assert expected in output(done)
    assert done.stdout == ""


def test_demo_against_a_gateway_that_is_not_there() -> None:
    url = f"http://127.0.0.1:{free_port()}/graphql"

    done = run("subgraphs.demo", "campaign", "--url", url)

    assert done.returncode == 1
    assert "No answer from" in output(done)


@pytest.mark.long
def test_demo_that_fails_shows_its_gateways_log(tmp_path: Path) -> None:
    """The log lies in a temporary folder that is gone afterwards."""
    nobody = f"http://127.0.0.1:{free_port()}/graphql"

    done = run("subgraphs.demo", "campaign", TASKS_ACCOUNTS_URL=nobody, TMPDIR=tmp_path)

    assert done.returncode == 1
    assert "The accounts cannot be checked" in output(done)
    assert "The end of the gateway's log:" in done.stdout
    assert '"logger":"supergraph.access"' in done.stdout.partition("gateway's log:")[2]
    assert list(tmp_path.iterdir()) == []


def test_tasks_starts_without_its_redis_and_says_so(tmp_path: Path) -> None:
    """Sending goes on without live progress; the connection is tried again and again."""
    port, redis_port = free_port(), free_port()
    settings = clean_environment(
        TASKS_PORT=str(port), DATA_DIR=tmp_path, REDIS_URL=f"redis://127.0.0.1:{redis_port}/0"
    )
    health_url = f"http://127.0.0.1:{port}/health/ready"

    with running_process(
        "tasks",
        ["-m", "subgraphs.tasks"],
        folder=tmp_path,
        environment=settings,
        health_url=health_url,
    ) as process:
        wait_until(lambda: "Redis" in process.log_tail(), START_SECONDS, "a message about Redis")

    assert "Traceback" not in process.log_tail()
