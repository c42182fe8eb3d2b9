"""Options that several commands share, and how a command ends with a message."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

__all__ = [
    "FAILED",
    "WRONG_USAGE",
    "ConfigOption",
    "GatewayConfigOption",
    "HostOption",
    "PortOption",
    "SupergraphOption",
    "fail",
    "refuse_usage",
]

FAILED = 1
WRONG_USAGE = 2

SupergraphOption = Annotated[
    Path | None,
    typer.Option("--supergraph", metavar="FILE", help="A supergraph SDL, from any composer."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="A rover.yaml whose subgraphs are composed."),
]
GatewayConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--gateway-config",
        metavar="FILE",
        help="The gateway's settings; see `supergraph config schema`.  "
        "[default: gateway.yaml beside the supergraph or rover.yaml, where there is one]",
    ),
]
HostOption = Annotated[
    str | None,
    typer.Option("--host", help="Address to listen on.  [default: 127.0.0.1]"),
]
PortOption = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="Port to listen on.  [default: 4000]"),
]


def fail(message: str, status: int = FAILED) -> NoReturn:
    """End the command with a message on standard error."""
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(status)


def refuse_usage(message: str) -> NoReturn:
    """End the command because of its arguments or files."""
    fail(message, WRONG_USAGE)
