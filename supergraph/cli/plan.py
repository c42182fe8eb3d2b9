"""`supergraph plan`: show the query plan of an operation without running it."""

from pathlib import Path
from typing import Annotated, Any, Literal, assert_never

import orjson
import typer

from supergraph.cli.options import ConfigOption, SupergraphOption, fail, refuse_usage
from supergraph.cli.source import read_text, supergraph_sdl
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, SupergraphError
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.picture.mermaid import mermaid
from supergraph.planner.picture.svg import svg
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.planner import Planner
from supergraph.planner.print import print_plan
from supergraph.planner.serialize import plan_to_json
from supergraph.stages.admit import json_from_bytes
from supergraph.stages.plan_text import plan_text

__all__ = ["plan_command"]

Format = Literal["text", "json", "mermaid", "svg"]


def plan_command(  # noqa: PLR0913, PLR0917 # the options of one command
    query: Annotated[Path, typer.Option(metavar="FILE", help="A file with the operation.")],
    supergraph: SupergraphOption = None,
    config: ConfigOption = None,
    variables: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="JSON with the variables: conditions are then shown decided."
        ),
    ] = None,
    operation_name: Annotated[
        str | None, typer.Option(help="Which operation, when the file has several.")
    ] = None,
    override_label: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A label of @override that is active; repeatable."),
    ] = None,
    defer: Annotated[
        bool, typer.Option(help="Know @defer, and plan what answers it in parts.")
    ] = True,
    format_: Annotated[
        Format,
        typer.Option("--format", help="Text to read, JSON, or a picture: Mermaid's text or SVG."),
    ] = "text",
) -> None:
    """Print the query plan of an operation."""
    sdl = supergraph_sdl(supergraph, config)
    text = read_text(query)
    values = None if variables is None else _variables(variables)
    try:
        planner = Planner(parse_supergraph(sdl), defers=defer)
    except SupergraphError as error:
        refuse_usage(f"{supergraph or config}: {error.message}")
    labels = frozenset(override_label or ())
    unknown = sorted(labels - planner.override_labels)
    if unknown:
        known = ", ".join(sorted(planner.override_labels)) or "none"
        refuse_usage(
            f'--override-label: no @override has the label "{unknown[0]}"; there are: {known}'
        )
    try:
        plan = plan_text(planner, text, operation_name, values, labels)
    except ClientError as error:
        if error.code is codes.GRAPHQL_UNKNOWN_OPERATION_NAME:
            refuse_usage(f"{query}: --operation-name must name one operation of the file")
        for item in error.errors:
            typer.echo(f"{error.code}: {item['message']}", err=True)
        fail(f"{query}: no valid operation")
    except SupergraphError as error:
        fail(error.message)
    typer.echo(_shown(plan, format_))


def _variables(path: Path) -> dict[str, Any]:
    try:
        values = json_from_bytes(read_text(path), what=str(path))
    except ClientError as error:
        refuse_usage(error.message)
    if not isinstance(values, dict):
        refuse_usage(f"{path}: the variables must be a JSON object")
    return values


def _shown(plan: QueryPlan, format_: Format) -> str:
    match format_:
        case "text":
            return print_plan(plan)
        case "json":
            return orjson.dumps(plan_to_json(plan), option=orjson.OPT_INDENT_2).decode()
        case "mermaid":
            return mermaid(plan)
        case "svg":
            return svg(plan)
    assert_never(format_)
