"""`supergraph plan`: show the query plan of an operation without running it."""

from pathlib import Path
from typing import Annotated, Literal

import orjson
import typer

from supergraph.cli.options import ConfigOption, SupergraphOption, fail, refuse_usage
from supergraph.cli.source import read_text, supergraph_sdl
from supergraph.config.gateway import CacheConfig, LimitConfig
from supergraph.errors import ClientError, SupergraphError
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.planner import Planner
from supergraph.planner.print import print_plan
from supergraph.planner.serialize import plan_to_json
from supergraph.stages.document import validate_document
from supergraph.stages.request import GraphQLRequest
from supergraph.stages.supergraph import Supergraph

__all__ = ["plan_command"]


def plan_command(
    query: Annotated[Path, typer.Option(metavar="FILE", help="A file with the operation.")],
    supergraph: SupergraphOption = None,
    config: ConfigOption = None,
    operation_name: Annotated[
        str | None, typer.Option(help="Which operation, when the file has several.")
    ] = None,
    override_label: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A label of @override that is active; repeatable."),
    ] = None,
    format_: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Text to read, or JSON.")
    ] = "text",
) -> None:
    """Print the query plan of an operation."""
    sdl = supergraph_sdl(supergraph, config)
    text = read_text(query)
    try:
        planner = Planner(parse_supergraph(sdl))
    except SupergraphError as error:
        refuse_usage(f"{supergraph or config}: {error.message}")
    labels = frozenset(override_label or ())
    unknown = sorted(labels - planner.override_labels)
    if unknown:
        known = ", ".join(sorted(planner.override_labels)) or "none"
        refuse_usage(
            f'--override-label: no @override has the label "{unknown[0]}"; there are: {known}'
        )
    request = GraphQLRequest(text, operation_name=operation_name)
    target = Supergraph(planner, {}, CacheConfig())
    try:
        document = validate_document(request, target, LimitConfig(), introspection=True)
        names = [node.name.value if node.name else None for node in document.operations]
        if operation_name not in names and (operation_name is not None or len(names) != 1):
            refuse_usage(f"{query}: --operation-name must name one operation of the file")
        plan = planner.plan(document.node, operation_name, labels)
    except ClientError as error:
        for item in error.errors:
            typer.echo(f"{error.code}: {item['message']}", err=True)
        fail(f"{query}: no valid operation")
    except SupergraphError as error:
        fail(error.message)
    if format_ == "json":
        typer.echo(orjson.dumps(plan_to_json(plan), option=orjson.OPT_INDENT_2))
    else:
        typer.echo(print_plan(plan))
