"""`supergraph compose`: exit codes, and what goes where."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from supergraph.cli.compose import compose_command

FEDERATION = '@link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])'
GOOD = f'extend schema {FEDERATION}\ntype Query {{ e: E }}\ntype E @key(fields: "id") {{ id: ID! }}'


@pytest.fixture
def command() -> typer.Typer:
    app = typer.Typer()
    app.command()(compose_command)
    return app


def config(folder: Path, **schemas: str) -> str:
    lines = ["subgraphs:"]
    for name, sdl in schemas.items():
        (folder / f"{name}.graphql").write_text(sdl, encoding="utf-8")
        lines += [
            f"  {name}:",
            f"    routing_url: http://{name}",
            f"    schema: {{file: {name}.graphql}}",
        ]
    path = folder / "rover.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_supergraph_goes_to_standard_output(tmp_path: Path, command: typer.Typer) -> None:
    done = CliRunner().invoke(command, ["--config", config(tmp_path, a=GOOD)])
    assert done.exit_code == 0
    assert done.stdout.startswith("schema\n")
    assert 'A @join__graph(name: "a", url: "http://a")' in done.stdout


def test_supergraph_goes_to_the_output_file(tmp_path: Path, command: typer.Typer) -> None:
    output = tmp_path / "supergraph.graphql"
    arguments = ["--config", config(tmp_path, a=GOOD), "--output", str(output)]
    done = CliRunner().invoke(command, arguments)
    assert (done.exit_code, done.stdout) == (0, "")
    assert output.read_text(encoding="utf-8").startswith("schema\n")


def test_json_of_a_success(tmp_path: Path, command: typer.Typer) -> None:
    arguments = ["--config", config(tmp_path, a=GOOD), "--format", "json"]
    done = CliRunner().invoke(command, arguments)
    answer = json.loads(done.stdout)
    assert (answer["ok"], answer["errors"], answer["hints"]) == (True, [], [])
    assert answer["supergraphSdl"].startswith("schema\n")


def test_errors_show_the_line_they_are_about(tmp_path: Path, command: typer.Typer) -> None:
    bad = GOOD.replace('fields: "id"', 'fields: "no"')
    done = CliRunner().invoke(command, ["--config", config(tmp_path, a=bad)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"--> {tmp_path / 'a.graphql'}:3:8" in done.stderr
    assert '3 | type E @key(fields: "no") { id: ID! }\n        |        ^' in done.stderr
    assert "the subgraphs do not compose: 1 error" in done.stderr


def test_json_of_a_failure(tmp_path: Path, command: typer.Typer) -> None:
    bad = GOOD.replace('fields: "id"', 'fields: "no"')
    arguments = ["--config", config(tmp_path, a=bad), "--format", "json"]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert answer["ok"] is False
    assert answer["supergraphSdl"] is None
    (error,) = answer["errors"]
    assert error["code"] == "KEY_INVALID_FIELDS"
    assert error["subgraphs"] == ["a"]
    assert error["locations"] == [{"subgraph": "a", "line": 3, "column": 8}]


def test_an_existing_output_survives_a_failure(tmp_path: Path, command: typer.Typer) -> None:
    output = tmp_path / "supergraph.graphql"
    output.write_text("the last good one", encoding="utf-8")
    arguments = ["--config", config(tmp_path, a="type A { x: Int }"), "--output", str(output)]
    assert CliRunner().invoke(command, arguments).exit_code == 1
    assert output.read_text(encoding="utf-8") == "the last good one"


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_unusable_file_is_wrong_usage(
    tmp_path: Path, command: typer.Typer, output_format: str
) -> None:
    arguments = ["--config", str(tmp_path / "no.yaml"), "--format", output_format]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2
    assert "cannot be read" in done.output
    if output_format == "json":
        assert json.loads(done.stdout)["errors"][0]["code"] == "CONFIG_UNREADABLE"


def test_unwritable_output_is_wrong_usage(tmp_path: Path, command: typer.Typer) -> None:
    arguments = ["--config", config(tmp_path, a=GOOD), "--output", str(tmp_path / "no" / "x")]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
