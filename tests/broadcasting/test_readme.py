"""What the README shows is what happens."""

import contextlib
import io
import re
from pathlib import Path

import broadcasting

README = Path(broadcasting.__file__).with_name("README.md")


def test_the_example_says_what_its_comments_promise() -> None:
    [code] = re.findall(r"```python\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, str(README), "exec"), {"__name__": "example"})

    assert printed.getvalue().strip() == "['hello', 'missed', 'live']"
