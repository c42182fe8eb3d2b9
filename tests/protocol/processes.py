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
from tests.kit.servers import REPOSITORY, clean_environment

__all__ = ["HERE", "Server", "gateway", "reference", "run_client"]

HERE = Path(__file__).parent
#: Written when everything that package-lock.json names is there.
INSTALLED = HERE / "node_modules" / ".installed"
READY_SECONDS = 60.0
ANSWER_SECONDS = 30.0
CLIENT_SECONDS = 100.0


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
    """A gateway with these settings for `websocket` and `subscriptions`."""
    command = [sys.executable, "-m", "tests.protocol.gateway_process", json.dumps(settings)]
    with _started("gateway", command) as server:
        yield server


@contextlib.contextmanager
def reference(settings: dict[str, Any]) -> Generator[Server]:
    """The reference server; `settings` are a gateway's, of which it knows some."""
    known = {"init_seconds": "initSeconds"}
    given = settings.get("websocket", {})
    options = {known[name]: value for name, value in given.items() if name in known}
    with _started("reference", [node(), "reference_server.mjs", json.dumps(options)]) as server:
        yield server


def run_client(script: str, server: Server, *arguments: str) -> dict[str, Any]:
    """What came out of a script's scenarios, by their names."""
    done = subprocess.run(
        [node(), f"clients/{script}.mjs", server.url, *arguments],
        cwd=HERE,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=CLIENT_SECONDS,
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
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115 # closed below
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY if command[0] == sys.executable else HERE,
        env=clean_environment(PYTHONPATH=REPOSITORY),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        port = read_line(process, READY_SECONDS)["port"]
        yield Server(name, f"http://127.0.0.1:{port}/graphql", process, log)
    finally:
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        try:
            process.wait(READY_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            process.stdout.close()
            log.seek(0)
            sys.stderr.write(log.read())  # for whoever reads why a test failed
            log.close()


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
