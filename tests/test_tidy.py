"""The code base keeps the rules that no linter knows."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.servers import REPOSITORY

SOURCES = {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".js", ".jsx", ".json", ".html", ".css"}
#: Module names that say nothing about what is inside.
EMPTY_WORDS = re.compile(r"(^|_)(utils?|helpers?|misc|common|managers?|factory)\.py$")
TODO_WITHOUT_REFERENCE = re.compile(r"(?:#|//|<!--|\*)\s*(?:TODO|FIXME|XXX)\b(?!.*#\d+)")
#: Folders of one machine. They are spelt in parts so that this file keeps its own rule.
MACHINE_PATHS = re.compile("|".join(("/" + "work/", "/" + "home/", "/" + "Users/", "/root" + "/")))
LOCKED_HOST = re.compile(r"https?://[^\s\"']+\.(?:whl|tgz|tar\.gz)|--(?:index|extra-index)-url")


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [REPOSITORY / name for name in listing.split("\0") if name]


def lines(files: list[Path], suffixes: set[str]) -> Iterator[tuple[str, str]]:
    for path in files:
        if (path.suffix in suffixes or not path.suffix) and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            for number, line in enumerate(text.splitlines(), start=1):
                yield f"{path.relative_to(REPOSITORY)}:{number}", line


@pytest.fixture(scope="module")
def files() -> list[Path]:
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a git working copy: nothing says which files belong to the project")
    return tracked_files()


def test_a_todo_names_its_issue(files: list[Path]) -> None:
    found = [where for where, line in lines(files, SOURCES) if TODO_WITHOUT_REFERENCE.search(line)]

    assert found == []


def test_no_file_knows_a_machine(files: list[Path]) -> None:
    assert [where for where, line in lines(files, SOURCES) if MACHINE_PATHS.search(line)] == []


def test_pinned_dependencies_name_no_registry(files: list[Path]) -> None:
    locks = [f for f in files if f.name == "package-lock.json" or f.parent.name == "requirements"]

    assert locks
    assert [
        where for where, line in lines(locks, {".json", ".txt"}) if LOCKED_HOST.search(line)
    ] == []


def test_modules_are_named_after_their_idea(files: list[Path]) -> None:
    assert [path.name for path in files if EMPTY_WORDS.search(path.name)] == []


def test_every_package_says_what_it_is(files: list[Path]) -> None:
    packages = [f for f in files if f.name == "__init__.py" and f.is_file()]
    silent = [
        str(path.relative_to(REPOSITORY))
        for path in packages
        if not path.read_text(encoding="utf-8").lstrip().startswith('"""')
    ]

    assert silent == []
