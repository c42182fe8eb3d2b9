"""The commands that end by themselves, run in this process."""

import json
from pathlib import Path

import pytest
from graphql import build_schema
from typer.testing import CliRunner, Result

import supergraph
from supergraph.cli.main import app
from tests.server.shop import SUPERGRAPH

ROVER = """
federation_version: =2.11.0
subgraphs:
  users:
    routing_url: http://127.0.0.1:4001/graphql
    schema:
      file: ./users.graphql
"""
USERS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])
type Query { me: User }
type User @key(fields: "id") { id: ID! name: String }
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a supergraph, a rover.yaml that composes, and an operation."""
    (tmp_path / "supergraph.graphql").write_text(SUPERGRAPH)
    (tmp_path / "rover.yaml").write_text(ROVER)
    (tmp_path / "users.graphql").write_text(USERS)
    (tmp_path / "query.graphql").write_text("{ products { name reviews { text } } }")
    return tmp_path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_version_and_help() -> None:
    assert run("--version").stdout == f"supergraph {supergraph.__version__}\n"
    help_text = run("--help").stdout
    for command in ("compose", "serve", "dev", "plan", "api-schema", "config"):
        assert command in help_text
        assert run(command, "--help").exit_code == 0


def test_plan_is_printed_for_people_and_as_json(files: Path) -> None:
    options = ("--supergraph", files / "supergraph.graphql", "--query", files / "query.graphql")
    text = run("plan", *options)
    data = run("plan", *options, "--format", "json")

    assert (text.exit_code, data.exit_code) == (0, 0)
    assert text.stdout.startswith("QueryPlan {")
    assert 'service: "reviews"' in text.stdout
    assert json.loads(data.stdout)["kind"] == "QueryPlan"


def test_plan_knows_defer_unless_it_is_told_not_to(files: Path) -> None:
    (files / "query.graphql").write_text("{ products { name ... @defer { reviews { text } } } }")
    options = ("--supergraph", files / "supergraph.graphql", "--query", files / "query.graphql")
    refused, shown = run("plan", *options, "--no-defer"), run("plan", *options)

    assert refused.exit_code == 1
    assert "Unknown directive '@defer'" in refused.stderr
    assert 'Deferred(depends: [0], path: "products")' in shown.stdout
    assert "deferred: products" in run("plan", *options, "--format", "svg").stdout


def test_plan_is_drawn(files: Path) -> None:
    options = ("--supergraph", files / "supergraph.graphql", "--query", files / "query.graphql")

    assert run("plan", *options, "--format", "mermaid").stdout.startswith("flowchart LR\n")
    assert run("plan", *options, "--format", "svg").stdout.startswith("<svg ")
    assert run("plan", *options, "--format", "png").exit_code == 2


def test_plan_with_variables_shows_conditions_decided(files: Path) -> None:
    query = "query ($full: Boolean!) { products { name reviews @include(if: $full) { text } } }"
    (files / "query.graphql").write_text(query)
    (files / "variables.json").write_text('{"full": false}')
    options = ("--supergraph", files / "supergraph.graphql", "--query", files / "query.graphql")

    assert "Include(if: $full)" in run("plan", *options).stdout
    assert "reviews" not in run("plan", *options, "--variables", files / "variables.json").stdout


@pytest.mark.parametrize(
    ("variables", "status", "message"),
    [
        ("{", 2, "variables.json is not valid JSON"),
        ("[]", 2, "variables.json: the variables must be a JSON object"),
        ("{}", 1, "BAD_USER_INPUT: Variable '$full'"),
        ('{"full": "yes"}', 1, "BAD_USER_INPUT: Variable '$full'"),
    ],
)
def test_plan_refuses_unusable_variables(
    files: Path, variables: str, status: int, message: str
) -> None:
    (files / "query.graphql").write_text(
        "query ($full: Boolean!) { products { name @skip(if: $full) } }"
    )
    (files / "variables.json").write_text(variables)
    options = ("--supergraph", files / "supergraph.graphql", "--query", files / "query.graphql")
    result = run("plan", *options, "--variables", files / "variables.json")

    assert result.exit_code == status
    assert message in result.stderr
    assert result.stdout == ""


def test_plan_of_an_invalid_operation_says_why(files: Path) -> None:
    (files / "query.graphql").write_text("{ nothing }")
    result = run(
        "plan", "--supergraph", files / "supergraph.graphql", "--query", files / "query.graphql"
    )

    assert result.exit_code == 1
    assert "GRAPHQL_VALIDATION_FAILED: Cannot query field 'nothing'" in result.stderr


def test_plan_needs_a_name_when_there_are_several_operations(files: Path) -> None:
    (files / "query.graphql").write_text("query A { __typename } query B { __typename }")
    options = ("--supergraph", files / "supergraph.graphql", "--query", files / "query.graphql")

    assert run("plan", *options).exit_code == 2
    assert run("plan", *options, "--operation-name", "B").exit_code == 0


def test_plan_is_for_the_override_labels_that_are_given(files: Path) -> None:
    moved = SUPERGRAPH.replace(
        "name: String! @join__field(graph: PRODUCTS)",
        'name: String! @join__field(graph: PRODUCTS, overrideLabel: "names")'
        ' @join__field(graph: REVIEWS, override: "products", overrideLabel: "names")',
    )
    (files / "supergraph.graphql").write_text(moved)
    (files / "query.graphql").write_text("{ products { name } }")
    options = ("--supergraph", files / "supergraph.graphql", "--query", files / "query.graphql")
    inactive = run("plan", *options)
    active = run("plan", *options, "--override-label", "names")
    unknown = run("plan", *options, "--override-label", "nams")

    assert 'service: "reviews"' not in inactive.stdout
    assert 'service: "reviews"' in active.stdout
    assert unknown.exit_code == 2
    assert 'no @override has the label "nams"; there are: names' in unknown.stderr


def test_api_schema_is_valid_and_without_machinery(files: Path) -> None:
    result = run("api-schema", "--supergraph", files / "supergraph.graphql")
    to_file = run(
        "api-schema",
        "--supergraph",
        files / "supergraph.graphql",
        "--output",
        files / "api.graphql",
    )

    assert "Product" in build_schema(result.stdout).type_map
    assert "join__" not in result.stdout
    assert (to_file.stdout, (files / "api.graphql").read_text()) == ("", result.stdout)


def test_api_schema_of_subgraphs_is_composed_first(files: Path) -> None:
    result = run("api-schema", "--config", files / "rover.yaml")

    assert result.exit_code == 0, result.stderr
    assert "me: User" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give either --supergraph FILE or --config FILE"),
        (("--supergraph", "missing"), "missing: cannot be read: No such file"),
        (("--supergraph", "."), "cannot be read"),
        (("--supergraph", "broken.graphql"), "broken.graphql: "),
        (("--config", "missing.yaml"), "missing.yaml: cannot be read"),
        (("--config", "broken.yaml"), "broken.yaml:2: "),
        (("--supergraph", "supergraph.graphql", "--config", "rover.yaml"), "give either"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "api-schema"])
def test_unusable_files_are_told_and_exit_2(
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    (files / "broken.graphql").write_text("type Query {")
    (files / "broken.yaml").write_text("subgraphs:\n  users: 5\n")
    monkeypatch.chdir(files)
    result = run(command, *arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("command", ["serve", "dev"])
def test_subgraphs_that_do_not_compose_exit_1(files: Path, command: str) -> None:
    (files / "users.graphql").write_text(USERS.replace('"id"', '"nothing"'))
    result = run(command, "--config", files / "rover.yaml", "--port", "0")

    assert result.exit_code == 1
    assert "KEY_INVALID_FIELDS" in result.stderr


def test_broken_gateway_config_exits_2(files: Path) -> None:
    (files / "gateway.yaml").write_text("limits:\n  dept: 5\n")
    result = run(
        "serve",
        "--supergraph",
        files / "supergraph.graphql",
        "--gateway-config",
        files / "gateway.yaml",
    )

    assert result.exit_code == 2
    assert "gateway.yaml:2: limits.dept: unknown key" in result.stderr


@pytest.mark.parametrize("command", ["serve", "dev"])
def test_gateway_config_beside_the_rover_config_is_used(files: Path, command: str) -> None:
    (files / "gateway.yaml").write_text("limits:\n  dept: 5\n")
    result = run(command, "--config", files / "rover.yaml")

    assert result.exit_code == 2
    assert f"{files / 'gateway.yaml'}:2: limits.dept: unknown key" in result.stderr


def test_gateway_config_beside_the_supergraph_is_used(files: Path) -> None:
    (files / "gateway.yaml").write_text("limits:\n  dept: 5\n")
    result = run("serve", "--supergraph", files / "supergraph.graphql")

    assert result.exit_code == 2
    assert f"{files / 'gateway.yaml'}:2: limits.dept: unknown key" in result.stderr


@pytest.mark.parametrize("source", ["--supergraph=broken.graphql", "--config=broken.yaml"])
def test_gateway_config_of_the_current_folder_is_left_alone(
    files: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    (elsewhere / "gateway.yaml").write_text("limits:\n  dept: 5\n")
    for name in ("broken.graphql", "broken.yaml"):
        (files / name).write_text("{")
    option, _, name = source.partition("=")
    result = run("serve", option, files / name)

    assert result.exit_code == 2
    assert name in result.stderr
    assert "gateway.yaml" not in result.stderr


def test_dev_takes_both_files_of_the_current_folder(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)
    (files / "gateway.yaml").write_text("limits:\n  dept: 5\n")

    assert "gateway.yaml:2: limits.dept: unknown key" in run("dev").stderr


def test_unknown_stage_exits_2(files: Path) -> None:
    (files / "gateway.yaml").write_text('stages: ["nowhere:stage"]\n')
    result = run(
        "serve",
        "--supergraph",
        files / "supergraph.graphql",
        "--gateway-config",
        files / "gateway.yaml",
    )

    assert result.exit_code == 2
    assert "stage 'nowhere:stage' cannot be imported" in result.stderr


def test_config_schema_and_check(files: Path) -> None:
    (files / "gateway.yaml").write_text("limits:\n  depth: 5\n")

    assert json.loads(run("config", "schema").stdout)["$ref"] == "#/$defs/GatewayConfig"
    assert run("config", "check", files / "gateway.yaml").exit_code == 0
    assert run("config", "check", files / "missing.yaml").exit_code == 2


def test_callbacks_need_a_process_of_their_own(files: Path) -> None:
    callback = "subscriptions:\n  callback: {public_url: 'http://127.0.0.1:4000/callback'}\n"
    (files / "gateway.yaml").write_text(callback)
    config = ("--config", files / "rover.yaml", "--gateway-config", files / "gateway.yaml")

    result = run("serve", *config, "--workers", "2")

    assert result.exit_code == 2
    assert "--workers is 1" in result.stderr


def test_wrong_usage_exits_2() -> None:
    assert run("serve", "--port", "many").exit_code == 2
    assert run("serve", "--workers", "0").exit_code == 2
    assert run("nothing").exit_code == 2
