"""The three ways to run the service, as real processes that talk over real sockets."""

import contextlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

from subgraphs.demo.data_folder import (
    demo_authorization,
    prepare_data_folder,
    shared_credentials_key,
)
from subgraphs.demo.embedded import start_embedded
from subgraphs.demo.processes import free_port
from subgraphs.demo.supervisor import Supervisor
from subgraphs.demo.topology import (
    SUBGRAPH_PORTS,
    Place,
    gateway,
    is_sending,
    one_off,
    prepare_logs,
    subgraph,
    worker,
)
from tests.kit.servers import REPOSITORY

__all__ = ["Installation", "distributed", "embedded"]

READY_SECONDS = 90.0
PREPARE_SECONDS = 120.0
SUPERGRAPH_FILE = REPOSITORY / "schema" / "supergraph.graphql"


@dataclass(frozen=True)
class Installation:
    """Where to send mutations and queries, and where to subscribe: maybe another gateway."""

    url: str
    subscription_url: str


@contextlib.contextmanager
def embedded(folder: Path) -> Generator[Installation]:
    """Everything in one process: SQLite, pub/sub in memory, subgraphs called without a socket."""
    with Supervisor() as supervisor:
        service = start_embedded(supervisor, folder, free_port())
        yield Installation(service.graphql_url, service.graphql_url)


@contextlib.contextmanager
def distributed(
    folder: Path,
    settings: Mapping[str, str],
    *,
    gateways: int = 1,
    has_worker_process: bool = False,
) -> Generator[Installation]:
    """Subgraphs as processes behind one or more gateways; `settings` lead to their stores."""
    ports = {name: free_port() for name in SUBGRAPH_PORTS}
    place = Place(
        prepare_logs(prepare_data_folder(folder)),
        {
            **settings,
            "DATA_DIR": str(folder),
            "ACCOUNTS_CREDENTIALS_KEY": shared_credentials_key(folder),
            "TASKS_WORKER": "off" if has_worker_process else "on",
            "TASKS_ACCOUNTS_URL": f"http://127.0.0.1:{ports['accounts']}/graphql",
            "SUPERGRAPH_DEMO_AUTHORIZATION": demo_authorization(folder),
            **{
                f"SUPERGRAPH_{name.upper()}_URL": f"http://127.0.0.1:{port}/graphql"
                for name, port in ports.items()
            },
        },
    )
    with Supervisor() as supervisor:
        loads = [one_off(name, "demo-data", place) for name in SUBGRAPH_PORTS]
        supervisor.run_together(loads, PREPARE_SECONDS)
        services = [subgraph(name, port, place) for name, port in ports.items()]
        started = [(service.process, service.is_ready) for service in services]
        if has_worker_process:
            sender = worker(place)
            started.append((sender, lambda: is_sending(sender)))
        supervisor.start_together(started, READY_SECONDS)
        fronts = [
            gateway(free_port(), SUPERGRAPH_FILE, place, name=f"gateway-{number}")
            for number in range(gateways)
        ]
        supervisor.start_together(
            [(front.process, front.is_ready) for front in fronts], READY_SECONDS
        )
        yield Installation(fronts[0].graphql_url, fronts[-1].graphql_url)
