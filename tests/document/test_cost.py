"""A document that was never seen before costs a fraction of graphql-core, and time stays linear."""

import gc
import time
from collections.abc import Callable

import pytest
from graphql import build_schema

from tests.bench.document import DOCUMENTS, SCHEMA, measure
from tests.document.judge import PETS_ONLY, gateway_errors, is_certain

#: Measured: about 0.05.
RATIO_MAX = 0.25


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_costs_at_most_a_quarter_of_graphql_core(name: str) -> None:
    own, reference = measure(build_schema(SCHEMA), DOCUMENTS[name])

    assert own / reference < RATIO_MAX


def repeated(count: int) -> str:
    """Fields that merge, each with a selection of its own."""
    fields = " ".join(f"friend {{ a{n}: id friend {{ id }} }}" for n in range(count))
    return f"{{ dog {{ {fields} }} }}"


def spread(count: int) -> str:
    """Fragments that merge, spread together."""
    spreads = " ".join(f"...F{n}" for n in range(count))
    fragments = " ".join(f"fragment F{n} on Dog {{ friend {{ a{n}: id }} }}" for n in range(count))
    return f"{{ dog {{ {spreads} }} }} {fragments}"


def seconds(text: str) -> float:
    """CPU time of one document, without the garbage of others."""
    spent = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            begun = time.process_time()
            assert is_certain(text)
            spent.append(time.process_time() - begun)
    finally:
        gc.enable()
    return min(spent)


@pytest.mark.parametrize("write", [repeated, spread])
def test_merging_takes_linear_time(write: Callable[[int], str]) -> None:
    assert seconds(write(700)) < 18 * seconds(write(100))  # quadratic: 49 times


def test_documents_with_more_comparisons_than_allowed_are_refused() -> None:
    """graphql-core compares in pairs, so where it has to word a conflict it may not go on."""
    text = "{ dog { " + "friend { id } " * 1_000 + " friend: name } }"
    begun = time.process_time()
    errors = gateway_errors(text)

    assert time.process_time() - begun < 3
    assert errors[-1]["message"] == "Validation aborted."


def test_tables_hold_no_more_than_the_schema() -> None:
    for n in range(50):
        gateway_errors(f"query ($a: Unknown{n}) {{ ... on Missing{n} {{ f{n} }} }}")

    assert set(vars(PETS_ONLY.schema_tables)["_composite"]) <= set(PETS_ONLY.api_schema.type_map)
