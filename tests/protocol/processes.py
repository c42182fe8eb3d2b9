"""The processes of these tests: a gateway, the reference server, and the scripts of clients."""

import contextlib
import json
import selectors
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from subgraphs.demo.installed_servers import MissingBinaryError
from tests.kit.servers import REPOSITORY, clean_environment, require_binary

__all__ = ["NOTHING", "Server", "gateway", "reference", "run_client"]

HERE = Path(__file__).parent
#: Written when everything that package-lock.json names is there.
INSTALLED = HERE / "node_modules" / ".installed"
READY_SECONDS = 60.0
ANSWER_SECONDS = 30.0
#: For one scenario; and for all others of a script beside the longest.
SCENARIO_SECONDS = 15.0
CLIENT_SECONDS = 85.0
#: What a gateway holds that has no client.
NOTHING = {
    "feeds": 0,
    "watching": 0,
    "running": 0,
    "connections": "<WebSocketEndpoint, 0 connections>",
    "streams": "<ReservedStreams: 0, 0 operations>",
}


@dataclass
class Server:
    """A process that serves GraphQL at `url`; its standard input and output are for us."""

    name: str
    url: str
    process: subprocess.Popen[str]
    log: IO[str]

    @property
    def is_reference(self) -> bool:
        """Whether it is built from the reference implementations."""
        return self.name == "reference"

    def held(self) -> dict[str, Any]:
        """What a gateway's process holds."""
        assert self.process.stdin
        print("?", file=self.process.stdin, flush=True)
        return read_line(self.process, ANSWER_SECONDS)

    def complaints(self) -> str:
        """What it wrote to its standard error so far."""
        self.log.seek(0)
        return self.log.read()


@contextlib.contextmanager
def gateway(settings: dict[str, Any]) -> Generator[Server]:
    """A gateway with these settings for `websocket`, `server` and `subscriptions`."""
    command = [sys.executable, "-m", "tests.protocol.gateway_process", json.dumps(settings)]
    with _started("gateway", command) as server:
        yield server


@contextlib.contextmanager
def reference(settings: dict[str, Any]) -> Generator[Server]:
    """The reference server; `settings` are a gateway's, of which it knows `init_seconds`."""
    init_seconds = settings.get("websocket", {}).get("init_seconds", 10.0)
    with require_binary("node"):
        command = [node(), "reference_server.mjs", str(init_seconds)]
    with _started("reference", command) as server:
        yield server


def run_client(
    script: str, url: str, *arguments: str, scenario_seconds: float = SCENARIO_SECONDS
) -> dict[str, Any]:
    """What came out of a script's scenarios, by their names."""
    with require_binary("node"):
        command = [node(), f"clients/{script}.mjs", url, *arguments]
    done = subprocess.run(
        command,
        cwd=HERE,
        env=clean_environment(SCENARIO_MS=str(round(scenario_seconds * 1_000))),
        capture_output=True,
        text=True,
        timeout=scenario_seconds + CLIENT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def node() -> str:
    """Node, where it and the packages are installed."""
    found = shutil.which("node")
    if found is None:
        raise MissingBinaryError("Node is not installed")
    if not INSTALLED.exists():
        raise MissingBinaryError("The reference clients are not installed: make protocol-clients")
    return found


@contextlib.contextmanager
def _started(name: str, command: Sequence[str]) -> Generator[Server]:
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            command,
            cwd=REPOSITORY if command[0] == sys.executable else HERE,
            env=clean_environment(PYTHONPATH=REPOSITORY),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            port = read_line(process, READY_SECONDS)["port"]
            yield Server(name, f"http://127.0.0.1:{port}/graphql", process, log)
        finally:
            try:
                process.communicate(timeout=READY_SECONDS)  # it ends with its standard input
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            finally:
                log.seek(0)
                sys.stderr.write(log.read())  # for whoever reads why a test failed


def read_line(process: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
    """The next line that a process says."""
    assert process.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        assert selector.select(seconds), "the process says nothing"
    line = process.stdout.readline()
    assert line, f"the process ended with {process.wait(1)}"
    said: dict[str, Any] = json.loads(line)
    return said
