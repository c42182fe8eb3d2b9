"""What the README shows is what happens."""

import json
import re

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


def test_the_python_example_runs() -> None:
    exec(compile(block("python"), "README.md", "exec"), {"__name__": "readme"})
