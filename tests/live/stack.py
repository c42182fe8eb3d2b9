"""The processes of live subscriptions: Redis, the tasks service, and gateways before it."""

import asyncio
import contextlib
import shlex
from collections.abc import Callable, Generator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from sqlalchemy import insert, update

from subgraphs.demo.data_folder import demo_authorization
from subgraphs.demo.installed_servers import RedisServer, start_redis
from subgraphs.demo.processes import ChildProcess, answers_health, free_port, is_port_free
from subgraphs.shared.database import Database
from subgraphs.shared.resources import database_of
from subgraphs.shared.settings import load_settings
from subgraphs.tasks.models import Campaign, ContactList, Template
from subgraphs.tasks.states import TaskState
from tests.kit.servers import REPOSITORY, clean_environment, running_process

__all__ = ["LiveStack", "Process", "finish", "live_stack", "task_id", "tasks_database"]

READY_SECONDS = 60.0
#: Deliveries of each campaign.
TOTAL = 1_000
#: Starts a process by its name and command; it ends with the stack.
Start: TypeAlias = Callable[..., ChildProcess]


@dataclass
class Process:
    """A process that answers HTTP, or of others' software, one that takes connections."""

    process: ChildProcess
    port: int
    is_ours: bool = True

    @property
    def pid(self) -> int:
        """Its id, while it runs."""
        pid = self.process.pid
        assert pid is not None
        return pid

    def wait(self) -> None:
        """Until it answers."""
        self.process.wait_until_ready(self._is_ready, READY_SECONDS)

    def restart(self) -> None:
        """Start it again on the same port."""
        self.process.stop()
        self.process.start()
        self.wait()

    def _is_ready(self) -> bool:
        if self.is_ours:
            return answers_health(f"http://127.0.0.1:{self.port}/health/ready")
        return not is_port_free(self.port)


@dataclass
class LiveStack:
    """What runs, and where."""

    folder: Path
    redis: RedisServer
    tasks: Process
    authorization: str
    gateways: list[Process] = field(default_factory=list)


def task_id(number: int) -> str:
    """The id of one of the campaigns."""
    return f"cmp_live_{number:05d}"


@contextlib.contextmanager
def live_stack(
    folder: Path, campaigns: int, *, gateways: int = 1, follows: bool = False, peer: str = ""
) -> Generator[LiveStack]:
    """Everything, with so many running campaigns; gateways may follow changes of their files.

    `peer` is the command of another gateway in place of ours, with `{supergraph}` and `{port}`.
    """
    with contextlib.ExitStack() as stack:
        redis = start_redis(folder / "redis")
        stack.callback(redis.stop)
        port = free_port()
        environment = clean_environment(DATA_DIR=folder, REDIS_URL=redis.url, TASKS_PORT=str(port))

        def start(name: str, *command: str) -> ChildProcess:
            process = running_process(name, command, folder=folder, environment=environment)
            return stack.enter_context(process)

        start("migrate", "-m", "subgraphs.tasks", "migrate").wait(READY_SECONDS)
        asyncio.run(_add_campaigns(folder, campaigns))
        tasks = Process(start("tasks", "-m", "subgraphs.tasks"), port)
        tasks.wait()
        running = LiveStack(folder, redis, tasks, demo_authorization(folder))
        (folder / "gateway.yaml").write_text(yaml.safe_dump(_config(redis.url, port)))
        (folder / "rover.yaml").write_text(yaml.safe_dump(_rover(folder, port)))
        if peer:
            running.gateways.append(_peer(start, folder, peer))
        for number in range(0 if peer else gateways):
            running.gateways.append(_gateway(start, folder, number, "dev" if follows else "serve"))
        for gateway in running.gateways:
            gateway.wait()
        yield running


def _gateway(start: Start, folder: Path, number: int, command: str) -> Process:
    port = free_port()
    process = start(
        f"gateway-{number}",
        *("-m", "supergraph", command, "--config", str(folder / "rover.yaml")),
        *("--port", str(port), "--gateway-config", str(folder / "gateway.yaml")),
    )
    return Process(process, port)


def _peer(start: Start, folder: Path, command: str) -> Process:
    supergraph = folder / "supergraph.graphql"
    port = free_port()
    rover = str(folder / "rover.yaml")
    compose = ("-m", "supergraph", "compose", "--config", rover, "--output", str(supergraph))
    start("compose", *compose).wait(READY_SECONDS)
    words = [word.format(supergraph=supergraph, port=port) for word in shlex.split(command)]
    return Process(start("peer", *words), port, is_ours=False)


def _config(redis_url: str, tasks_port: int) -> dict[str, Any]:
    return {
        "headers": {"forward": ["authorization"]},
        "events": {"redis_url": redis_url},
        "subgraphs": {"tasks": {"target": f"http://127.0.0.1:{tasks_port}/graphql"}},
        "server": {"connections": 20_000, "backlog": 4_096},
        "logs": {"access": False, "level": "warning"},
    }


def _rover(folder: Path, tasks_port: int) -> dict[str, Any]:
    """Copies of the subgraphs' SDL, which a test may change; only the tasks service is there."""
    subgraphs = {}
    for name in ("users", "accounts", "tasks"):
        sdl = (REPOSITORY / "schema" / f"{name}.graphql").read_text()
        (folder / f"{name}.graphql").write_text(sdl)
        subgraphs[name] = {
            "routing_url": f"http://127.0.0.1:{tasks_port if name == 'tasks' else 9}/graphql",
            "schema": {"file": f"./{name}.graphql"},
        }
    return {"federation_version": "=2.11.0", "subgraphs": subgraphs}


def tasks_database(folder: Path) -> AbstractAsyncContextManager[Database]:
    """The database of the tasks service."""
    return database_of(load_settings("tasks", 4003, {"DATA_DIR": str(folder)}))


async def _add_campaigns(folder: Path, count: int) -> None:
    now = datetime.now(UTC)
    common = {"organization_id": "org_acme", "name": "Live", "created_at": now}
    async with tasks_database(folder) as database, database.writing() as session:
        await session.execute(insert(Template), [common | {"id": "tpl", "body": "Hi"}])
        await session.execute(insert(ContactList), [common | {"id": "lst"}])
        rows = [
            common
            | {
                "id": task_id(number),
                "owner_id": "usr_ada",
                "template_id": "tpl",
                "list_id": "lst",
                "state": TaskState.RUNNING,
                "started_at": now,
                "total": TOTAL,
                "queued": TOTAL,
                "sequence": 1,
            }
            for number in range(count)
        ]
        await session.execute(insert(Campaign), rows)


async def finish(stack: LiveStack, task_ids: list[str]) -> None:
    """Bring campaigns to their end in the database, and tell nobody."""
    end = {"state": TaskState.COMPLETED, "queued": 0, "sent": TOTAL, "sequence": 1_000_000}
    async with tasks_database(stack.folder) as database, database.writing() as session:
        await session.execute(
            update(Campaign)
            .where(Campaign.id.in_(task_ids))
            .values(finished_at=datetime.now(UTC), **end)
        )
