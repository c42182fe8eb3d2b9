"""`supergraph config`: what may stand in gateway.yaml, and whether a file is right."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from supergraph.cli.options import refuse_usage
from supergraph.config.gateway import gateway_config_schema, load_gateway_config
from supergraph.errors import SupergraphError

__all__ = ["config_app"]

config_app = typer.Typer(help="The gateway's settings file.", no_args_is_help=True)


@config_app.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of gateway.yaml."""
    typer.echo(orjson.dumps(gateway_config_schema(), option=orjson.OPT_INDENT_2))


@config_app.command("check")
def check_command(
    file: Annotated[Path, typer.Argument(help="A gateway.yaml.")] = Path("gateway.yaml"),
) -> None:
    """Say whether a gateway.yaml can be used."""
    try:
        load_gateway_config(file)
    except SupergraphError as error:
        refuse_usage(error.message)
    typer.echo(f"{file}: ok", err=True)
