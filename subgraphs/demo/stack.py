"""`make stack`: the distributed mode on this machine, without Docker.

PostgreSQL and Redis from installed binaries, one process per subgraph, a worker that sends, and
two gateways that share nothing but Redis behind them. Everything listens on 127.0.0.1 and ends
together: at Ctrl-C, or when one of the processes ends by itself.
"""

from collections.abc import Callable
from pathlib import Path

from subgraphs.demo.data_folder import (
    demo_authorization,
    prepare_data_folder,
    shared_credentials_key,
)
from subgraphs.demo.installed_servers import MissingBinaryError, start_postgres, start_redis
from subgraphs.demo.processes import BusyPortError, StartError, is_port_free
from subgraphs.demo.supervisor import Supervisor, interruptible
from subgraphs.demo.topology import (
    SUBGRAPH_PORTS,
    Place,
    Service,
    gateway,
    is_sending,
    one_off,
    prepare_logs,
    subgraph,
    worker,
)

__all__ = ["GATEWAY_PORTS", "run_stack"]

GATEWAY_PORTS = (4000, 4100)
READY_SECONDS = 60.0
PREPARE_SECONDS = 180.0
DATABASE = "supergraph"

Say = Callable[[str], None]


def run_stack(folder: Path, say: Say) -> int:
    """Start everything, say where it is, and stay until it ends; returns the exit code."""
    with interruptible():
        try:
            _require_free_ports()
            with Supervisor() as supervisor:
                gateways = _start_all(supervisor, prepare_data_folder(folder), say)
                _introduce(gateways, say)
                ended = supervisor.watch()
                say(f"{ended.name} ended with exit code {ended.exit_code}; stopping the others.")
                say(ended.log_tail())
                return 1
        except MissingBinaryError as error:
            say(str(error))
            return 1
        except StartError as error:
            say(str(error))
            return error.exit_code
        except KeyboardInterrupt:
            say("Stopped.")
            return 0


def _start_all(supervisor: Supervisor, folder: Path, say: Say) -> list[Service]:
    place = _start_stores(supervisor, folder, say)
    say("Migrating the databases and loading the demo data ...")
    supergraph = folder / "supergraph.graphql"
    compose = ["-m", "supergraph", "compose", "--config", "rover.yaml", "--output"]
    supervisor.run_together(
        [
            place.process("compose", *compose, str(supergraph)),
            *(one_off(name, "demo-data", place) for name in SUBGRAPH_PORTS),
        ],
        PREPARE_SECONDS,
    )

    services = [subgraph(name, port, place) for name, port in SUBGRAPH_PORTS.items()]
    gateways = [gateway(port, supergraph, place, name=f"gateway-{port}") for port in GATEWAY_PORTS]
    sender = worker(place)
    say("Starting the subgraphs, the worker and the gateways ...")
    supervisor.start_together(
        [
            *((service.process, service.is_ready) for service in services),
            (sender, lambda: is_sending(sender)),
        ],
        READY_SECONDS,
    )
    supervisor.start_together(
        [(service.process, service.is_ready) for service in gateways], READY_SECONDS
    )
    return gateways


def _start_stores(supervisor: Supervisor, folder: Path, say: Say) -> Place:
    """Start PostgreSQL and Redis and answer the settings that lead to them."""
    say("Starting PostgreSQL and Redis ...")
    postgres = start_postgres(folder / "postgres")
    supervisor.adopt(postgres.process, postgres.stop)
    redis = start_redis(folder / "redis")
    supervisor.adopt(redis.process, redis.stop)
    if not postgres.has_database(DATABASE):
        postgres.create_database(DATABASE)
    say(f"  PostgreSQL: {postgres.url(DATABASE)}\n  Redis:      {redis.url}")
    settings = {
        "DATABASE_URL": postgres.url(DATABASE),
        "REDIS_URL": redis.url,
        "DATA_DIR": str(folder.absolute()),
        "ACCOUNTS_CREDENTIALS_KEY": shared_credentials_key(folder),
        "TASKS_WORKER": "off",  # sending is left to the worker process
        "SUPERGRAPH_DEMO_AUTHORIZATION": demo_authorization(folder),
    }
    return Place(prepare_logs(folder), settings)


def _require_free_ports() -> None:
    taken = [p for p in (*GATEWAY_PORTS, *SUBGRAPH_PORTS.values()) if not is_port_free(p)]
    if taken:
        ports = ", ".join(map(str, taken))
        raise BusyPortError(f"Another program listens on 127.0.0.1, port {ports}; end it first.")


def _introduce(gateways: list[Service], say: Say) -> None:
    say("\nThe stack is up. Ctrl-C ends it.")
    for name, port in SUBGRAPH_PORTS.items():
        say(f"  {name:13} http://127.0.0.1:{port}/graphql")
    for service in gateways:
        say(f"  {service.process.name:13} {service.graphql_url}")
    say(f"  logs          {gateways[0].process.log_path.parent}")
    say("Try: make demo URL=" + gateways[0].graphql_url)
