"""A document that was never seen before costs a fraction of graphql-core, and stays linear.

Cost is counted in calls of functions, Python's and C's, since time depends on the machine.
"""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from supergraph.document.parse import parse_document
from supergraph.document.tables import SchemaTables
from supergraph.document.validate import is_certainly_valid
from tests.bench.document import DOCUMENTS, SCHEMA
from tests.document.judge import PETS_ONLY, gateway_errors, is_certain

TOKENS_MAX = 10_000


def calls(run: Callable[[], Any]) -> int:
    """How many functions are called."""
    count = 0

    def note(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_costs_at_most_a_quarter_of_graphql_core(name: str) -> None:
    text, schema = DOCUMENTS[name], build_schema(SCHEMA)
    tables = SchemaTables(schema)

    def ours() -> None:
        document = parse_document(text, TOKENS_MAX)
        assert document is not None
        assert is_certainly_valid(document, tables)

    def theirs() -> None:
        assert validate(schema, parse(text)) == []

    ours(), theirs()  # what is made on first use, once
    assert calls(ours) < calls(theirs) / 4


def repeated(count: int) -> str:
    """Fields that merge, each with a selection of its own."""
    fields = " ".join(f"friend {{ a{n}: id friend {{ id }} }}" for n in range(count))
    return f"{{ dog {{ {fields} }} }}"


def spread(count: int) -> str:
    """Fragments that merge, spread together."""
    spreads = " ".join(f"...F{n}" for n in range(count))
    fragments = " ".join(f"fragment F{n} on Dog {{ friend {{ a{n}: id }} }}" for n in range(count))
    return f"{{ dog {{ {spreads} }} }} {fragments}"


@pytest.mark.parametrize("write", [repeated, spread])
def test_merging_takes_linear_time(write: Callable[[int], str]) -> None:
    small, large = write(100), write(700)
    assert is_certain(large)
    # Quadratic would be 49 times.
    assert calls(lambda: is_certain(large)) < 8 * calls(lambda: is_certain(small))


def test_documents_with_more_comparisons_than_allowed_are_refused() -> None:
    """graphql-core compares in pairs, so where it has to word a conflict it may not go on."""

    def ask(count: int) -> list[Any]:
        return gateway_errors("{ dog { " + "friend { id } " * count + " friend: name } }")

    assert ask(1_000)[-1]["message"] == "Validation aborted."
    # Ten times the fields would be a hundred times the comparisons.
    assert calls(lambda: ask(1_000)) < 15 * calls(lambda: ask(100))


def test_tables_hold_no_more_than_the_schema() -> None:
    for n in range(50):
        gateway_errors(f"query ($a: Unknown{n}) {{ ... on Missing{n} {{ f{n} }} }}")

    assert set(vars(PETS_ONLY.schema_tables)["_composite"]) <= set(PETS_ONLY.api_schema.type_map)
