"""The embedded mode as a child process: gateway, subgraphs and worker in one, with demo data."""

from pathlib import Path

from subgraphs.demo.data_folder import demo_authorization, prepare_data_folder
from subgraphs.demo.processes import BusyPortError, is_port_free
from subgraphs.demo.supervisor import Supervisor
from subgraphs.demo.topology import (
    SUBGRAPH_PORTS,
    Place,
    Service,
    embedded_gateway,
    one_off,
    prepare_logs,
)

__all__ = ["start_embedded"]

READY_SECONDS = 60.0
DEMO_DATA_SECONDS = 120.0


def start_embedded(
    supervisor: Supervisor, folder: Path, port: int, *, host: str = "127.0.0.1"
) -> Service:
    """Load the demo data into `folder`, start the gateway and return when it is ready."""
    if not is_port_free(port, host):
        raise BusyPortError(
            f"Another program listens on {host}, port {port}. "
            "End it, or choose another port: make run PORT=4001"
        )
    prepare_data_folder(folder)
    settings = {
        "DATA_DIR": str(folder.absolute()),
        "SUPERGRAPH_DEMO_AUTHORIZATION": demo_authorization(folder),
    }
    place = Place(prepare_logs(folder), settings)
    loads = [one_off(name, "demo-data", place) for name in SUBGRAPH_PORTS]
    supervisor.run_together(loads, DEMO_DATA_SECONDS)
    service = embedded_gateway(port, place, host=host)
    supervisor.start(service.process, service.is_ready, READY_SECONDS)
    return service
