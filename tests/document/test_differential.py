"""Random documents, valid and broken: clients get what graphql-core says, and nothing else."""

import re
from random import Random

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from tests.document.judge import PETS_ONLY, gateway_errors, is_certain, reference_errors
from tests.document.random_documents import DocumentWriter
from tests.kit.examples import examples

_TOKEN = re.compile(r'"""[\s\S]*?"""|"[^"]*"|\.\.\.|[-.\w]+|\S')


def write_document(seed: int, mistakes: float) -> str:
    return DocumentWriter(PETS_ONLY.api_schema, Random(seed), mistakes).document()


def check(text: str) -> None:
    try:
        expected = reference_errors(text)
    except (AttributeError, GraphQLError):  # rules of graphql-core that do not report but raise
        assert gateway_errors(text)
        return

    assert gateway_errors(text) == expected
    if is_certain(text):
        assert not expected


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.003, 0.01, 0.05]))
@examples(200)
def test_random_documents_get_the_errors_of_graphql_core(seed: int, mistakes: float) -> None:
    check(write_document(seed, mistakes))


@given(st.integers(0, 2**32), st.randoms(use_true_random=False), st.integers(1, 3))
@examples(200)
def test_documents_with_changed_tokens_get_the_errors_of_graphql_core(
    seed: int, random: Random, changes: int
) -> None:
    tokens = _TOKEN.findall(write_document(seed, 0.0))
    for _ in range(changes):
        at = random.randrange(len(tokens))
        change = random.choice(("drop", "double", "replace", "swap"))
        other = random.randrange(len(tokens))
        if change == "drop" and len(tokens) > 1:
            del tokens[at]
        elif change == "double":
            tokens.insert(at, tokens[at])
        elif change == "replace":
            tokens[at] = tokens[other]
        else:
            tokens[at], tokens[other] = tokens[other], tokens[at]
    check(" ".join(tokens))


@pytest.mark.long
@pytest.mark.timeout(600)
def test_thousands_of_random_documents_get_the_errors_of_graphql_core() -> None:
    for seed in range(3_000):
        check(write_document(seed, (0.0, 0.003, 0.01, 0.05)[seed % 4]))


def test_most_random_documents_that_are_valid_are_certain() -> None:
    """Otherwise the tests above would compare graphql-core with itself."""
    texts = [write_document(seed, 0.0) for seed in range(200)]
    valid = [text for text in texts if not reference_errors(text)]
    certain = [text for text in valid if is_certain(text)]

    assert len(valid) > 60
    assert len(certain) > len(valid) * 0.8
