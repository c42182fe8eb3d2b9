"""`supergraph check`: changes between two supergraphs, and the operations they break."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from supergraph.cli.main import app
from supergraph.composition.compose import compose
from supergraph.composition.result import Subgraph

OLD = "type Query { a: Int b(x: Int): Int c: Color } enum Color { RED }"


def supergraph(sdl: str) -> str:
    result = compose([Subgraph("s", sdl, "http://s")])
    assert result.supergraph_sdl is not None, result.errors
    return result.supergraph_sdl


def check(folder: Path, new: str, *more: str, old: str | None = None) -> Result:
    (folder / "old.graphql").write_text(old or supergraph(OLD), encoding="utf-8")
    (folder / "new.graphql").write_text(supergraph(new), encoding="utf-8")
    files = ["--against", str(folder / "old.graphql"), "--supergraph", str(folder / "new.graphql")]
    return CliRunner().invoke(app, ["check", *files, *more])


def test_nothing_changed(tmp_path: Path) -> None:
    done = check(tmp_path, OLD)
    assert (done.exit_code, done.stdout) == (0, "no breaking or dangerous changes\n")


def test_a_removed_field_breaks(tmp_path: Path) -> None:
    done = check(tmp_path, OLD.replace("a: Int ", ""))
    assert (done.exit_code, done.stdout) == (
        1,
        "breaking FIELD_REMOVED: Field Query.a was removed.\n",
    )


def test_a_new_enum_value_is_dangerous_and_does_not_fail(tmp_path: Path) -> None:
    done = check(tmp_path, OLD.replace("RED", "RED GREEN"))
    assert done.exit_code == 0
    assert done.stdout.startswith("dangerous VALUE_ADDED_TO_ENUM: ")


def test_what_is_hidden_is_no_change(tmp_path: Path) -> None:
    link = '@link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@inaccessible"])'
    new = f"extend schema {link} " + OLD.replace("a: Int", "a: Int d: Int @inaccessible")
    assert check(tmp_path, new).exit_code == 0


def test_the_old_one_may_be_an_api_schema(tmp_path: Path) -> None:
    done = check(tmp_path, OLD, old=OLD.replace("a: Int", "a: Int z: Int"))
    assert (done.exit_code, done.stdout) == (
        1,
        "breaking FIELD_REMOVED: Field Query.z was removed.\n",
    )


@pytest.fixture
def operations(tmp_path: Path) -> Path:
    folder = tmp_path / "operations"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "uses_a.graphql").write_text("query UsesA {\n  a\n}", encoding="utf-8")
    (folder / "uses_b.gql").write_text("{ b }", encoding="utf-8")
    (folder / "never_valid.graphql").write_text("query Never { nope }", encoding="utf-8")
    (folder / "notes.txt").write_text("not an operation", encoding="utf-8")
    return folder


def test_operations_that_break_are_named(tmp_path: Path, operations: Path) -> None:
    done = check(tmp_path, OLD.replace("a: Int ", ""), "--operations", str(operations))
    assert done.exit_code == 1
    path = operations / "deep" / "uses_a.graphql"
    assert f"operation {path} (UsesA) breaks:\n  2: Cannot query field 'a'" in done.stdout
    assert "(Never) was not valid before either" in done.stdout
    assert "uses_b" not in done.stdout


def test_an_operation_that_was_never_valid_does_not_fail(tmp_path: Path, operations: Path) -> None:
    assert check(tmp_path, OLD, "--operations", str(operations)).exit_code == 0


def test_an_operation_in_parts_is_known(tmp_path: Path, operations: Path) -> None:
    (operations / "deferring.graphql").write_text("query Parts { ... @defer { b } }")
    done = check(tmp_path, OLD, "--operations", str(operations))
    assert "deferring" not in done.stdout


def test_json(tmp_path: Path, operations: Path) -> None:
    new = OLD.replace("a: Int ", "")
    arguments = ["--operations", str(operations), "--format", "json"]
    report = json.loads(check(tmp_path, new, *arguments).stdout)
    assert report["ok"] is False
    assert report["breaking"] == [
        {"code": "FIELD_REMOVED", "message": "Field Query.a was removed."}
    ]
    assert report["dangerous"] == []
    assert [(o["operations"], o["was_valid"]) for o in report["operations"]] == [
        (["UsesA"], True),
        (["Never"], False),
    ]


def test_unusable_files(tmp_path: Path, operations: Path) -> None:
    (operations / "bad.graphql").write_text("query {", encoding="utf-8")
    done = check(tmp_path, OLD, "--operations", str(operations))
    assert done.exit_code == 2
    assert f"{operations / 'bad.graphql'}:1: Syntax Error" in done.stderr
    assert check(tmp_path, OLD, "--operations", str(tmp_path / "none")).exit_code == 2
    assert check(tmp_path, OLD, old="type Query {").exit_code == 2


def test_rover_yaml_is_composed_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.graphql").write_text(OLD, encoding="utf-8")
    (tmp_path / "rover.yaml").write_text(
        "subgraphs: {s: {routing_url: http://s, schema: {sdl: 'type Query { a: Int }'}}}",
        encoding="utf-8",
    )
    done = CliRunner().invoke(app, ["check", "--against", "old.graphql"])
    assert done.exit_code == 1
    assert "Query.b was removed." in done.stdout
