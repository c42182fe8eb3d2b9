"""`supergraph api-schema`: the schema that clients see."""

from pathlib import Path
from typing import Annotated

import typer
from graphql import print_schema

from supergraph.cli.options import ConfigOption, SupergraphOption, refuse_usage
from supergraph.cli.source import supergraph_sdl
from supergraph.errors import SupergraphError
from supergraph.federation.api_schema import build_api_schema
from supergraph.federation.supergraph_state import parse_supergraph

__all__ = ["api_schema_command"]


def api_schema_command(
    supergraph: SupergraphOption = None,
    config: ConfigOption = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write there instead of standard output.")
    ] = None,
) -> None:
    """Print the API schema of a supergraph: no join machinery, nothing inaccessible."""
    sdl = supergraph_sdl(supergraph, config)
    try:
        text = print_schema(build_api_schema(parse_supergraph(sdl))) + "\n"
    except SupergraphError as error:
        refuse_usage(f"{supergraph or config}: {error.message}")
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        refuse_usage(f"{output}: cannot be written: {error.strerror or error}")
