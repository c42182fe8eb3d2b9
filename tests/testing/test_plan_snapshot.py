"""The comparison of printed plans with files."""

from pathlib import Path

import pytest

from supergraph.testing import UPDATE_SNAPSHOTS, assert_plan_snapshot
from tests.server.shop import SUPERGRAPH

QUERY = "{ products { name } }"


@pytest.fixture(autouse=True)
def _comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(UPDATE_SNAPSHOTS, raising=False)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The written snapshot of the query."""
    path = tmp_path / "plans" / "products.txt"
    with monkeypatch.context() as patch:
        patch.setenv(UPDATE_SNAPSHOTS, "1")
        assert_plan_snapshot(SUPERGRAPH, QUERY, path)
    return path


def test_a_written_snapshot_is_the_printed_plan(file: Path) -> None:
    assert_plan_snapshot(SUPERGRAPH, QUERY, file)
    assert_plan_snapshot(SUPERGRAPH, QUERY, str(file))
    assert file.read_text().startswith('QueryPlan {\n  Fetch(service: "products") {\n')


def test_another_plan_is_shown_as_a_difference(file: Path) -> None:
    before = file.read_text()
    with pytest.raises(AssertionError) as caught:
        assert_plan_snapshot(SUPERGRAPH, "{ products { id } }", file)

    message = str(caught.value)
    assert f"the plan is not that of {file}; run with {UPDATE_SNAPSHOTS}=1" in message
    assert "\n-        name\n+        id\n" in message
    assert file.read_text() == before


def test_a_missing_snapshot_fails_and_says_how_to_write_it(tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    with pytest.raises(AssertionError) as caught:
        assert_plan_snapshot(SUPERGRAPH, QUERY, missing)

    assert f"there is no snapshot {missing} yet; run with {UPDATE_SNAPSHOTS}=1" in str(caught.value)
    assert 'service: "products"' in str(caught.value)
    assert not missing.exists()


def test_zero_does_not_switch_updating_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(UPDATE_SNAPSHOTS, "0")
    with pytest.raises(AssertionError):
        assert_plan_snapshot(SUPERGRAPH, "{ products { id } }", file)
