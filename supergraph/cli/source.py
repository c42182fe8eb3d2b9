"""Where a command takes its supergraph from: a file, or subgraphs that are composed first."""

import os
from collections.abc import Sequence
from pathlib import Path

import typer

from supergraph.cli.options import FAILED, fail, refuse_usage
from supergraph.cli.subgraphs import subgraphs_of
from supergraph.composition.compose import compose
from supergraph.composition.result import CompositionError
from supergraph.config.gateway import GatewayConfig, load_gateway_config
from supergraph.config.rover import load_rover_config
from supergraph.errors import SupergraphError

__all__ = [
    "DEFAULT_CONFIG",
    "gateway_config",
    "gateway_config_path",
    "report_errors",
    "supergraph_sdl",
]

DEFAULT_CONFIG = Path("rover.yaml")
GATEWAY_CONFIG_NAME = "gateway.yaml"


def supergraph_sdl(supergraph: Path | None, config: Path | None) -> str:
    """The SDL of exactly one of the two; ends the command when there is none."""
    if (supergraph is None) == (config is None):
        refuse_usage("give either --supergraph FILE or --config FILE")
    if supergraph is not None:
        return read_text(supergraph)
    try:
        result = compose(subgraphs_of(load_rover_config(config or DEFAULT_CONFIG)))
    except SupergraphError as error:
        refuse_usage(error.message)
    if result.supergraph_sdl is None:
        report_errors(result.errors)
        fail(f"{config}: the subgraphs do not compose", FAILED)
    return result.supergraph_sdl


def report_errors(errors: Sequence[CompositionError]) -> None:
    """Print composition errors, one a line, with the places to look at."""
    for error in errors:
        places = " ".join(
            f"[{where.subgraph}:{where.line}:{where.column}]" for where in error.locations
        )
        typer.echo(f"{error.code}: {error.message} {places}".rstrip(), err=True)


def gateway_config_path(given: Path | None, source: Path | None) -> Path | None:
    """The settings' file: the one given, or the gateway.yaml beside the supergraph's source.

    The current folder does not count: its gateway.yaml may belong to another supergraph, whose
    targets and stages would be taken in silence.
    """
    if given is not None or source is None:
        return given
    beside = source.parent / GATEWAY_CONFIG_NAME
    return beside if beside.is_file() else None


def gateway_config(path: Path | None) -> GatewayConfig:
    """The settings of a file, or the defaults; ends the command when the file is wrong."""
    if path is None:
        return GatewayConfig()
    try:
        return load_gateway_config(path, os.environ)
    except SupergraphError as error:
        refuse_usage(error.message)


def read_text(path: Path) -> str:
    """A file's text; ends the command when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        refuse_usage(f"{path}: cannot be read: {error.strerror or error}")
    except UnicodeDecodeError:
        refuse_usage(f"{path}: is not UTF-8 text")
