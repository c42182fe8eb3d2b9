"""Which processes make up an installation, how each is started, and when it is ready.

The stack and the end-to-end tests build on this, so both run the very commands a user would run.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from subgraphs.demo.processes import ChildProcess, answers_health

__all__ = [
    "REPOSITORY",
    "SUBGRAPH_PORTS",
    "Place",
    "Service",
    "embedded_gateway",
    "gateway",
    "is_sending",
    "one_off",
    "prepare_logs",
    "subgraph",
    "worker",
]

REPOSITORY = Path(__file__).parents[2]
SUBGRAPH_PORTS: Mapping[str, int] = {"users": 4001, "accounts": 4002, "tasks": 4003}


@dataclass(frozen=True, slots=True)
class Place:
    """Where processes write their logs, and the environment they share."""

    logs: Path
    environment: Mapping[str, str]

    def with_settings(self, **settings: str) -> "Place":
        """The same place with more settings."""
        return Place(self.logs, {**self.environment, **settings})

    def process(self, name: str, *arguments: str) -> ChildProcess:
        """A Python process that logs here; `arguments` follow the interpreter's name."""
        return ChildProcess(
            name=name,
            command=[sys.executable, *arguments],
            log_path=self.logs / f"{name}.log",
            environment={**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"},
            folder=REPOSITORY,
        )


@dataclass(frozen=True, slots=True)
class Service:
    """A process with the base URL at which it answers."""

    process: ChildProcess
    url: str

    @property
    def graphql_url(self) -> str:
        """Its GraphQL endpoint."""
        return f"{self.url}/graphql"

    def is_ready(self) -> bool:
        """Whether it says that it can serve requests."""
        return answers_health(f"{self.url}/health/ready")


def prepare_logs(folder: Path) -> Path:
    """An empty folder for the logs of this run."""
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    for log in logs.glob("*.log"):
        log.unlink()
    return logs


def subgraph(name: str, port: int, place: Place) -> Service:
    """One subgraph as a process."""
    place = place.with_settings(**{f"{name.upper()}_PORT": str(port)})
    return Service(place.process(name, "-m", f"subgraphs.{name}"), f"http://127.0.0.1:{port}")


def worker(place: Place) -> ChildProcess:
    """The process that sends the messages of running campaigns."""
    return place.process("worker", "-m", "subgraphs.tasks.worker")


def is_sending(process: ChildProcess) -> bool:
    """Whether the worker process has said that it is ready; it has no port to ask."""
    return "worker: ready" in process.log_tail()


def one_off(name: str, command: str, place: Place) -> ChildProcess:
    """A command of one subgraph that ends by itself, such as `migrate`."""
    return place.process(f"{name}-{command}", "-m", f"subgraphs.{name}", command)


def gateway(port: int, supergraph: Path, place: Place, *, name: str = "gateway") -> Service:
    """A gateway over HTTP subgraphs."""
    options = ["--supergraph", str(supergraph), "--gateway-config", "gateway.stack.yaml"]
    return _serve(name, port, options, place)


def embedded_gateway(port: int, place: Place, *, host: str = "127.0.0.1") -> Service:
    """The gateway with all subgraphs in its own process."""
    options = ["--config", "rover.yaml", "--gateway-config", "gateway.yaml", "--host", host]
    return _serve("supergraph", port, options, place)


def _serve(name: str, port: int, options: list[str], place: Place) -> Service:
    command = ["-m", "supergraph", "serve", "--port", str(port), *options]
    return Service(place.process(name, *command), f"http://127.0.0.1:{port}")
