"""Documents are checked once; what a client sees does not change by that."""

import graphql
import pytest
import strawberry
from graphql import parse
from strawberry.types import ExecutionResult

from subgraphs.shared.known_documents import (
    DOCUMENT_CHARACTERS_MAX,
    DOCUMENTS_MAX,
    KnownDocuments,
)
from subgraphs.shared.schema import ServiceSchema, create_service_schema

DOUBLE = "query ($n: Int!) { double(n: $n) }"


@strawberry.type
class Query:
    @strawberry.field
    def double(self, n: int) -> int:
        return 2 * n


@pytest.fixture
def schema() -> ServiceSchema:
    return create_service_schema(Query)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were parsed."""
    texts: list[str] = []

    def record(text: str, **options: object) -> graphql.DocumentNode:
        texts.append(text)
        return parse(text, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("strawberry.schema.schema.parse", record)
    return texts


def codes(result: ExecutionResult) -> list[str]:
    return [error.extensions["code"] for error in result.errors or []]


async def test_a_document_is_parsed_once(schema: ServiceSchema, parsed: list[str]) -> None:
    answers = [(await schema.execute(DOUBLE, {"n": n})).data for n in (1, 2, 3)]

    assert answers == [{"double": 2}, {"double": 4}, {"double": 6}]
    assert parsed == [DOUBLE]


async def test_variables_are_checked_each_time(schema: ServiceSchema) -> None:
    assert (await schema.execute(DOUBLE, {"n": 1})).errors is None
    assert (await schema.execute(DOUBLE, {"n": "x"})).data is None


@pytest.mark.parametrize("document", ["{ nothing }", "{ double(n: 1)", "{ double }"])
async def test_a_document_that_is_not_valid_is_refused_each_time(
    schema: ServiceSchema, document: str
) -> None:
    first = await schema.execute(document)

    assert first.data is None
    assert codes(first)
    assert codes(await schema.execute(document)) == codes(first)


async def test_schemas_know_only_their_own_documents(schema: ServiceSchema) -> None:
    @strawberry.type(name="Query")
    class Other:
        @strawberry.field
        def hello(self) -> str:
            return "world"

    assert (await create_service_schema(Other).execute("{ hello }")).errors is None
    assert codes(await schema.execute("{ hello }")) == ["GRAPHQL_VALIDATION_FAILED"]


def test_what_is_kept_is_bounded() -> None:
    known = KnownDocuments()
    for number in range(DOCUMENTS_MAX + 10):
        known.add(f"{{ a{number} }}", parse(f"{{ a{number} }}"))
        assert known.find("{ a0 }")  # used all the time, so it stays
    long = "{ a }" + " " * DOCUMENT_CHARACTERS_MAX
    known.add(long, parse(long))

    assert len(known) == DOCUMENTS_MAX
    assert known.find("{ a1 }") is None
    assert known.find(long) is None
