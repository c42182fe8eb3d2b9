"""Whatever is handed over, composition answers with coded errors and never raises."""

import time

import pytest

from supergraph.composition.compose import compose
from supergraph.composition.result import Subgraph
from tests.composition.kit import link

ENTITY = 'type Query { e: E }\ntype E @key(fields: "%s") { id: ID! e: E }'


@pytest.mark.parametrize(
    ("sdl", "code"),
    [
        ("", "INVALID_GRAPHQL"),
        ("# only a comment", "INVALID_GRAPHQL"),
        ("query { a }", "INVALID_GRAPHQL"),
        ("type Query { é: Int }", "INVALID_GRAPHQL"),
        ("type Query { a: " + "[" * 3000 + "Int" + "]" * 3000 + " }", "INVALID_GRAPHQL"),
        ("type Query { a(x: Int = 1e999): Int }", "INVALID_GRAPHQL"),
        ("type Query { a: join__Graph }\nenum join__Graph { X }", "INVALID_GRAPHQL"),
        ("type Query { a: I }\ninterface I implements I { x: Int }", "INVALID_GRAPHQL"),
        ("schema { query: Nothing }\ntype A { x: Int }", "INVALID_GRAPHQL"),
        ('extend schema @link(url: "http://[bad/v1.0")', "INVALID_LINK_IDENTIFIER"),
        ("extend schema @link(url: 1)", "INVALID_LINK_DIRECTIVE_USAGE"),
        (link(3, ENTITY % "...Fragment"), "KEY_INVALID_FIELDS"),
        (link(3, ENTITY % ("e{" * 3000 + "id" + "}" * 3000)), "KEY_INVALID_FIELDS"),
        (link(3, ENTITY % "id }"), "KEY_INVALID_FIELDS"),
    ],
)
def test_hostile_documents_get_a_code(sdl: str, code: str) -> None:
    result = compose([Subgraph("a", sdl)])
    assert {error.code for error in result.errors} == {code}
    assert result.supergraph_sdl is None


def test_no_subgraphs_have_no_queries() -> None:
    assert [error.code for error in compose([]).errors] == ["NO_QUERIES"]


def test_a_name_given_twice_is_refused() -> None:
    (error,) = compose([Subgraph("a", "type Query { a: Int }")] * 2).errors
    assert error.code == "INVALID_SUBGRAPH_NAME"


def test_errors_of_all_subgraphs_come_at_once_and_are_bounded() -> None:
    broken = "type Query { " + " ".join(f"f{n}: Missing{n}" for n in range(1000)) + " }"
    errors = compose([Subgraph("a", broken), Subgraph("b", "type")]).errors
    assert len(errors) == 200


def test_a_large_schema_composes_in_time_close_to_linear() -> None:
    def seconds(types: int) -> float:  # of processor time, so that other processes do not count
        body = "\n".join(
            f'type T{n} @key(fields: "id") {{ id: ID! next: T{(n + 1) % types} }}'
            for n in range(types)
        )
        queries = " ".join(f"t{n}: T{n}" for n in range(types))
        subgraph = Subgraph("a", link(3, f"type Query {{ {queries} }}\n{body}"))
        started = time.process_time()
        assert compose([subgraph]).ok
        return time.process_time() - started

    seconds(20)
    # Quadratic time would be 64 times as long; the margin is for a busy machine.
    assert seconds(320) < 32 * min(seconds(40), seconds(40), seconds(40))
