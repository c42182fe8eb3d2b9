"""`supergraph compose`: subgraphs named by a file become a supergraph SDL."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from supergraph.cli.code_frame import FrameSource, frames, wants_colour
from supergraph.cli.options import FAILED, WRONG_USAGE, refuse_usage
from supergraph.cli.subgraphs import subgraphs_of
from supergraph.composition.compose import compose
from supergraph.composition.result import (
    CompositionError,
    CompositionHint,
    CompositionResult,
    Subgraph,
)
from supergraph.config.rover import (
    FileSchema,
    RoverConfig,
    SchemaSource,
    load_rover_config,
)
from supergraph.errors import SupergraphError

__all__ = ["OutputFormat", "compose_command", "frame_sources"]


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
        subgraphs = subgraphs_of(rover)
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
    sources = frame_sources(rover, subgraphs)
    colour = wants_colour(sys.stderr)
    for error in result.errors:
        typer.echo(frames(error, sources, colour=colour), err=True, color=colour)
    for hint in result.hints:
        if hint.level == "WARN":
            typer.echo(frames(hint, sources, colour=colour), err=True, color=colour)
    if result.errors:
        count = len(result.errors)
        noun = "error" if count == 1 else "errors"
        typer.echo(f"{rover.path}: the subgraphs do not compose: {count} {noun}", err=True)


def frame_sources(rover: RoverConfig, subgraphs: Sequence[Subgraph]) -> dict[str, FrameSource]:
    """What the places of errors refer to: files where there are files, else subgraphs."""
    schemas = {str(subgraph.name): subgraph.schema for subgraph in rover.subgraphs}
    return {
        subgraph.name: FrameSource(
            _place(subgraph.name, schemas[subgraph.name]), subgraph.sdl.splitlines()
        )
        for subgraph in subgraphs
    }


def _place(name: str, schema: SchemaSource) -> str:
    return str(schema.path) if isinstance(schema, FileSchema) else name
