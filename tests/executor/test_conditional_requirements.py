"""Keys and required fields that are there under a condition only."""

import pytest

from tests.kit.check_execution import GraphSubgraph, run

PEOPLE = """
type Query { me: Person, beings: [Being!]! }
interface Being { name: String! }
type Person implements Being @key(fields: "id") { id: ID! name: String! age: Int }
type Robot implements Being { name: String! age: Int }
"""
BADGES = """
type Person @key(fields: "id") {
  id: ID!
  name: String! @external
  karma: Int!
  badge: String! @requires(fields: "name")
}
"""
ADA = {"__typename": "Person", "id": "1", "name": "Ada", "age": 36}


def subgraphs() -> dict[str, GraphSubgraph]:
    return {
        "people": GraphSubgraph(PEOPLE, {"me": ADA, "beings": [ADA]}),
        "badges": GraphSubgraph(
            BADGES,
            entities=lambda item: {
                "__typename": "Person",
                "karma": 10,
                "badge": f"badge of {item.get('name')}",
            },
        ),
    }


@pytest.mark.parametrize(
    "query",
    [
        "query ($x: Boolean!) { me { karma } me @include(if: $x) { badge } }",
        "query ($x: Boolean!) { me @include(if: $x) { badge } me { karma } }",
        "query ($x: Boolean!) { ... @include(if: $x) { me { badge } } me { karma } }",
    ],
)
async def test_what_is_required_elsewhere_is_not_missed_where_it_is_excluded(query: str) -> None:
    with_badge = await run(subgraphs(), query, {"x": True})
    without = await run(subgraphs(), query, {"x": False})

    assert (with_badge.errors, without.errors) == ([], [])
    assert with_badge.data == {"me": {"karma": 10, "badge": "badge of Ada"}}
    assert without.data == {"me": {"karma": 10}}


@pytest.mark.parametrize("value", [True, False])
async def test_a_fragment_counts_wherever_it_is_spread(value: bool) -> None:
    query = """
    query ($x: Boolean!) {
      beings { name ... on Person @include(if: $x) { ...Age } ... on Person { ...Age } }
    }
    fragment Age on Person { age }
    """
    result = await run(subgraphs(), query, {"x": value})

    assert result.data == {"beings": [{"name": "Ada", "age": 36}]}
