"""`supergraph compose`: subgraphs named by a file become a supergraph SDL."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from supergraph.cli.options import FAILED, WRONG_USAGE, refuse_usage
from supergraph.composition.compose import compose
from supergraph.composition.result import (
    CompositionError,
    CompositionHint,
    CompositionResult,
    Subgraph,
)
from supergraph.config.rover import FileSchema, RoverConfig, load_rover_config, read_subgraphs
from supergraph.errors import SupergraphError

__all__ = ["OutputFormat", "compose_command"]


class OutputFormat(StrEnum):
    """How the outcome is written: for people or for machines."""

    TEXT = "text"
    JSON = "json"


def compose_command(
    config: Annotated[
        Path, typer.Option(metavar="FILE", help="The rover.yaml that names the subgraphs.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the supergraph there, not to standard output."),
    ] = None,
    format_: Annotated[
        OutputFormat,
        typer.Option("--format", help="text, or one JSON object on standard output."),
    ] = OutputFormat.TEXT,
) -> None:
    """Compose subgraphs into a supergraph SDL.

    Exit status: 0 composed, 1 the subgraphs do not compose, 2 wrong usage or an unusable file.
    """
    try:
        rover = load_rover_config(config)
        subgraphs = read_subgraphs(rover)
    except SupergraphError as error:
        _refuse_file(error, format_)
    result = compose(subgraphs)
    if result.supergraph_sdl is not None and output is not None:
        _write(output, result.supergraph_sdl)
    if format_ is OutputFormat.JSON:
        sys.stdout.write(_json(result.supergraph_sdl, result.errors, result.hints))
    else:
        _report(rover, subgraphs, result)
        if result.supergraph_sdl is not None and output is None:
            sys.stdout.write(result.supergraph_sdl)
    if not result.ok:
        raise typer.Exit(FAILED)


def _refuse_file(error: SupergraphError, format_: OutputFormat) -> NoReturn:
    """A file that cannot be used is the caller's mistake; machines get it in the same shape."""
    if format_ is OutputFormat.JSON:
        sys.stdout.write(_json(None, (CompositionError(error.code, error.message),), ()))
        raise typer.Exit(WRONG_USAGE)
    refuse_usage(error.message)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        refuse_usage(f"{path}: cannot be written: {error.strerror or error}")


def _json(
    sdl: str | None, errors: Sequence[CompositionError], hints: Sequence[CompositionHint]
) -> str:
    outcome = {
        "ok": sdl is not None,
        "supergraphSdl": sdl,
        "errors": [
            {
                "code": error.code,
                "message": error.message,
                "subgraphs": list(error.subgraphs),
                "locations": [place._asdict() for place in error.locations],
            }
            for error in errors
        ],
        "hints": [
            {"code": hint.code, "level": hint.level, "message": hint.message} for hint in hints
        ],
    }
    return msgspec.json.encode(outcome).decode() + "\n"


def _report(rover: RoverConfig, subgraphs: Sequence[Subgraph], result: CompositionResult) -> None:
    """Errors with the lines they are about, then the hints worth a person's time."""
    sources = {str(subgraph.name): subgraph.schema for subgraph in rover.subgraphs}
    lines = {subgraph.name: subgraph.sdl.splitlines() for subgraph in subgraphs}
    for error in result.errors:
        typer.echo(f"error {error.code}: {error.message}", err=True)
        for where in error.locations:
            source = sources[where.subgraph]
            place = source.path if isinstance(source, FileSchema) else where.subgraph
            typer.echo(f"  --> {place}:{where.line}:{where.column}", err=True)
            if where.line <= len(lines[where.subgraph]):
                shown = lines[where.subgraph][where.line - 1]
                typer.echo(f"  {where.line:>5} | {shown}", err=True)
                typer.echo(f"        | {' ' * (where.column - 1)}^", err=True)
    for hint in result.hints:
        if hint.level == "WARN":
            typer.echo(f"warning {hint.code}: {hint.message}", err=True)
    if result.errors:
        count = len(result.errors)
        noun = "error" if count == 1 else "errors"
        typer.echo(f"{rover.path}: the subgraphs do not compose: {count} {noun}", err=True)
