"""What the README shows is what happens."""

import asyncio
import json
import re
from typing import Any

from subgraphs.demo.operations import read_operation
from tests.e2e.conftest import Counted
from tests.kit.servers import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)\n```", README, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_query_is_the_demos() -> None:
    assert block("graphql") == read_operation("overview").strip()


async def test_the_answer_is_real(counted: Counted) -> None:
    data, _ = await counted.ask(block("graphql"))
    assert {"data": data} == json.loads(block("json"))


async def test_the_python_examples_run() -> None:
    example: dict[str, Any] = {"__name__": "readme"}
    code = "\n".join(re.findall(r"```python\n(.*?)\n```", README, re.DOTALL))
    # The first block runs an event loop of its own, as a script would.
    await asyncio.to_thread(exec, compile(code, "README.md", "exec"), example)
    tests = [value for name, value in example.items() if name.startswith("test_")]

    assert tests
    for test in tests:
        if (running := test()) is not None:
            await running
