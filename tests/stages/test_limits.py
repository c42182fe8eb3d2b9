"""Hostile documents are refused with a code, in bounded time."""

import time

import pytest

from supergraph.config.gateway import CacheConfig, LimitConfig
from supergraph.errors import ClientError
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.planner import Planner
from supergraph.stages.document import validate_document
from supergraph.stages.request import GraphQLRequest
from supergraph.stages.supergraph import Supergraph
from tests.server.shop import SUPERGRAPH

#: Of processor time; the point is that it is not exponential.
SECONDS_MAX = 3.0


def check_document(text: str, **limits: int) -> str | None:
    """The code a document is refused with, or None when it is valid."""
    target = Supergraph(Planner(parse_supergraph(SUPERGRAPH)), {}, CacheConfig())
    refusal = None
    started = time.process_time()
    try:
        validate_document(GraphQLRequest(text), target, LimitConfig(**limits), introspection=True)
    except ClientError as error:
        refusal = error
    assert time.process_time() - started < SECONDS_MAX
    if refusal is None:
        return None
    assert all(item["extensions"]["code"] == refusal.code.name for item in refusal.errors)
    assert sum(len(str(item)) for item in refusal.errors) < 50_000
    return refusal.code.name


def nested(levels: int) -> str:
    return "{products" + "{related" * levels + "{id}" + "}" * levels + "}"


def bomb(levels: int) -> str:
    """Each fragment spreads the next one twice: 2^levels fields."""
    fragments = [
        f"fragment F{n} on Product {{ related {{ ...F{n + 1} }} related {{ ...F{n + 1} }} }}"
        for n in range(levels)
    ]
    last = f"fragment F{levels} on Product {{ id }}"
    return "{ products { ...F0 } }" + "\n".join([*fragments, last])


def test_ordinary_document_is_valid() -> None:
    assert check_document("{ products { id name related { id } } }") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ products { id } } #" + " " * 1_000_000, "DOCUMENT_TOO_LARGE"),
        ("{ " + "é" * 150_000 + " }", "DOCUMENT_TOO_LARGE"),
        ("{ products { " + "id " * 10_000 + "} }", "MAX_TOKENS_LIMIT"),
        ("#\n" * 20_000 + "{ products { id } }", "MAX_TOKENS_LIMIT"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(10_000)) + " }", "MAX_TOKENS_LIMIT"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(300)) + " }", "MAX_ROOT_FIELDS_LIMIT"),
        (
            "{ products { " + " ".join(f"a{n}: id" for n in range(300)) + " } }",
            "MAX_ALIASES_LIMIT",
        ),
        (nested(60), "MAX_DEPTH_LIMIT"),
        (nested(3_000), "MAX_DEPTH_LIMIT"),
        ("{ products { ...F } } fragment F on Product { related { ...F } }", None),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", None),
        (bomb(6), None),
        (bomb(30), "MAX_FIELDS_LIMIT"),
        ("{" * 5_000, "GRAPHQL_PARSE_FAILED"),
        ("{ a(b: " + "[" * 4_000, None),
        ("\x00", "GRAPHQL_PARSE_FAILED"),
        ("{ products(first: 1" + "0" * 100_000 + ") { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ " + " ".join(f"f{n}" for n in range(100)) + " }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_hostile_document_is_refused_with_its_code(text: str, code: str | None) -> None:
    refused = check_document(text)

    assert refused == code if code else refused != "INTERNAL"


def test_fragments_that_spread_each_other_everywhere_end_soon() -> None:
    names = [f"F{n}" for n in range(40)]
    spreads = " ".join(f"...{name}" for name in names)
    text = (
        "{ "
        + spreads
        + " }"
        + " ".join(f"fragment {name} on Query {{ {spreads} }}" for name in names)
    )

    assert check_document(text) == "MAX_FIELDS_LIMIT"


def test_one_field_asked_a_thousand_times_is_merged() -> None:
    text = "{ products { " + "related { id name } " * 1_200 + "} }"

    assert check_document(text) is None


def test_broken_document_with_a_field_asked_a_thousand_times_ends_soon() -> None:
    same = "related { id name } " * 1_200

    assert check_document("{ products { " + same + "missing } }") == "GRAPHQL_VALIDATION_FAILED"
    assert check_document("{ products { " + same + "related: id } }") == "GRAPHQL_VALIDATION_FAILED"


def test_limits_hold_for_each_operation() -> None:
    two = "query A { a: __typename b: __typename } query B { a: __typename b: __typename }"

    assert check_document(two, aliases=2, root_fields=2) is None
    assert check_document(two, aliases=1) == "MAX_ALIASES_LIMIT"


def test_errors_are_at_most_as_many_as_configured() -> None:
    target = Supergraph(Planner(parse_supergraph(SUPERGRAPH)), {}, CacheConfig())
    text = "{ " + " ".join(f"f{n}" for n in range(50)) + " }"
    with pytest.raises(ClientError) as refused:
        validate_document(
            GraphQLRequest(text), target, LimitConfig(validation_errors=3), introspection=True
        )

    assert len(refused.value.errors) == 4  # three, and one saying that there are more


def test_documents_are_cached_by_text_whether_valid_or_not() -> None:
    target = Supergraph(Planner(parse_supergraph(SUPERGRAPH)), {}, CacheConfig())
    first = validate_document(
        GraphQLRequest("{ __typename }"), target, LimitConfig(), introspection=True
    )
    again = validate_document(
        GraphQLRequest("{ __typename }"), target, LimitConfig(), introspection=True
    )
    for _ in range(2):
        with pytest.raises(ClientError):
            validate_document(GraphQLRequest("{"), target, LimitConfig(), introspection=True)

    assert first is again
    assert (target.documents.hits, target.documents.misses) == (2, 2)
