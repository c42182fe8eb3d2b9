"""What the README shows is what happens."""

import ast
import contextlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import broadcasting

README = Path(broadcasting.__file__).with_name("README.md")


def test_the_example_says_what_its_comments_promise() -> None:
    [code] = re.findall(r"```python\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, str(README), "exec"), {"__name__": "example"})

    assert printed.getvalue().strip() == "['hello', 'missed', 'live']"


def test_it_needs_broadcaster_redis_and_the_standard_library() -> None:
    needed = {name for path in README.parent.glob("*.py") for name in imported_by(path)}

    assert needed - sys.stdlib_module_names == {"broadcasting", "broadcaster", "redis"}


def imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            yield name.partition(".")[0]
