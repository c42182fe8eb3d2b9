"""`supergraph check`: what a new supergraph would break for clients of the old one."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
    parse,
    validate,
)

from supergraph.cli.compose import OutputFormat
from supergraph.cli.options import FAILED, ConfigOption, SupergraphOption, refuse_usage
from supergraph.cli.source import DEFAULT_CONFIG, read_text, supergraph_sdl
from supergraph.errors import SupergraphError
from supergraph.federation.api_schema import build_api_schema, offer_parts
from supergraph.federation.supergraph_state import parse_supergraph

__all__ = ["check_command"]

_OPERATION_FILES = frozenset({".graphql", ".gql"})


@dataclass(frozen=True, slots=True)
class _Change:
    """A difference between the two API schemas; `code` is the kind of change."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class _BrokenOperation:
    """A document that is no longer valid; `was_valid` is false when it never was."""

    file: str
    operations: list[str]
    errors: list[str]
    was_valid: bool


@dataclass(frozen=True, slots=True)
class _Report:
    ok: bool
    breaking: list[_Change]
    dangerous: list[_Change]
    operations: list[_BrokenOperation]


def check_command(
    against: Annotated[
        Path,
        typer.Option(metavar="OLD", help="The supergraph (or API schema) that clients use now."),
    ],
    supergraph: SupergraphOption = None,
    config: ConfigOption = None,
    operations: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Operations to validate: *.graphql and *.gql, any depth."),
    ] = None,
    format_: Annotated[
        OutputFormat,
        typer.Option("--format", help="text, or one JSON object on standard output."),
    ] = OutputFormat.TEXT,
) -> None:
    """List breaking and dangerous changes of the API schema, and operations that would break.

    Without --supergraph and --config, ./rover.yaml is composed. Exit status: 0 nothing breaks,
    1 something does (or the subgraphs do not compose), 2 wrong usage or an unusable file.
    """
    if supergraph is None and config is None:
        config = DEFAULT_CONFIG
    new = _api_schema(supergraph_sdl(supergraph, config), str(supergraph or config))
    old = _api_schema(read_text(against), str(against))
    breaking = [
        _Change(change.type.name, change.description) for change in find_breaking_changes(old, new)
    ]
    dangerous = [
        _Change(change.type.name, change.description) for change in find_dangerous_changes(old, new)
    ]
    broken = list(_broken(operations, old, new)) if operations is not None else []
    fails = bool(breaking) or any(operation.was_valid for operation in broken)
    report = _Report(not fails, breaking, dangerous, broken)
    if format_ is OutputFormat.JSON:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _print(report)
    if fails:
        raise typer.Exit(FAILED)


def _api_schema(sdl: str, source: str) -> GraphQLSchema:
    """The API schema of a supergraph, or the schema itself when it is no supergraph."""
    try:
        if "join__Graph" in sdl:
            schema = build_api_schema(parse_supergraph(sdl))
        else:
            schema = build_schema(sdl)
    except SupergraphError as error:
        refuse_usage(f"{source}: {error.message}")
    except (GraphQLError, TypeError) as error:
        refuse_usage(f"{source}: is no schema: {error}")
    # A gateway offers these or does not; its clients' operations are not broken by that.
    offer_parts(schema, defers=True, streams=True)
    return schema


def _broken(folder: Path, old: GraphQLSchema, new: GraphQLSchema) -> Iterator[_BrokenOperation]:
    if not folder.is_dir():
        refuse_usage(f"{folder}: is no folder")
    for path in sorted(folder.rglob("*")):
        if path.suffix not in _OPERATION_FILES or not path.is_file():
            continue
        document = _document(path)
        errors = validate(new, document)
        if errors:
            yield _BrokenOperation(
                str(path),
                _names(document),
                [_with_line(error) for error in errors],
                was_valid=not validate(old, document),
            )


def _document(path: Path) -> DocumentNode:
    try:
        return parse(read_text(path))
    except GraphQLError as error:
        refuse_usage(f"{path}:{_with_line(error)}")


def _names(document: DocumentNode) -> list[str]:
    return [
        node.name.value if node.name is not None else node.operation.value
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    ]


def _with_line(error: GraphQLError) -> str:
    line = f"{error.locations[0].line}: " if error.locations else ""
    return f"{line}{error.message}"


def _print(report: _Report) -> None:
    _print_changes("breaking", report.breaking)
    _print_changes("dangerous", report.dangerous)
    for broken in report.operations:
        names = ", ".join(broken.operations) or "no operation"
        state = "breaks" if broken.was_valid else "was not valid before either"
        typer.echo(f"operation {broken.file} ({names}) {state}:")
        for error in broken.errors:
            typer.echo(f"  {error}")
    if not (report.breaking or report.dangerous or report.operations):
        typer.echo("no breaking or dangerous changes")


def _print_changes(kind: str, changes: Sequence[_Change]) -> None:
    for change in changes:
        typer.echo(f"{kind} {change.code}: {change.message}")
