"""The command `supergraph`: collects the commands, one module each.

Exit status: 0 done, 1 the schemas do not compose or the work failed, 2 wrong usage or an unusable
file. Results go to standard output, everything else to standard error.
"""

from typing import Annotated

import typer

import supergraph
from supergraph.cli.api_schema import api_schema_command
from supergraph.cli.check import check_command
from supergraph.cli.compose import compose_command
from supergraph.cli.config import config_app
from supergraph.cli.dev import dev_command
from supergraph.cli.plan import plan_command
from supergraph.cli.serve import serve_command

__all__ = ["app"]

app = typer.Typer(
    name="supergraph",
    help="A GraphQL federation gateway: compose subgraphs, serve the supergraph, look inside.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"supergraph {supergraph.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Options before the command."""


app.command("compose")(compose_command)
app.command("check")(check_command)
app.command("serve")(serve_command)
app.command("dev")(dev_command)
app.command("plan")(plan_command)
app.command("api-schema")(api_schema_command)
app.add_typer(config_app, name="config")
