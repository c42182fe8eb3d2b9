"""`make run`: the embedded mode with demo data, until Ctrl-C."""

from collections.abc import Callable
from pathlib import Path

from subgraphs.demo.embedded import start_embedded
from subgraphs.demo.operations import read_operation
from subgraphs.demo.processes import StartError
from subgraphs.demo.supervisor import Supervisor, interruptible
from subgraphs.demo.topology import Service

__all__ = ["run_embedded"]

Say = Callable[[str], None]


def run_embedded(folder: Path, port: int, host: str, say: Say) -> int:
    """Start, say where it is, and stay until it ends; returns the exit code."""
    with interruptible():
        try:
            with Supervisor() as supervisor:
                say("Loading the demo data and starting ...")
                service = start_embedded(supervisor, folder, port, host=host)
                _introduce(service, say)
                ended = supervisor.watch()
                say(f"{ended.name} ended with exit code {ended.exit_code}:\n{ended.log_tail()}")
                return 1
        except StartError as error:
            say(str(error))
            return error.exit_code
        except KeyboardInterrupt:
            say("\nStopped.")
            return 0


def _introduce(service: Service, say: Say) -> None:
    say(
        f"\nThe supergraph is up. Ctrl-C ends it.\n"
        f"  GraphiQL and GraphQL: {service.graphql_url}\n"
        f"  Health:               {service.url}/health/ready\n"
        f"  Log:                  {service.process.log_path}\n"
        "\nOpen GraphiQL in a browser: you are logged in as Ada of Acme Retail. One query to try:\n"
    )
    say(read_operation("overview"))
