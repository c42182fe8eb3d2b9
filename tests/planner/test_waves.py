"""Which fetch runs in which wave, and after which others."""

from supergraph.planner.waves import planned_fetches
from tests.kit.check_plan import plan

CHAIN = {
    "a": 'type Query { p: P } type P @key(fields: "id") { id: ID! }',
    "b": 'type P @key(fields: "id") { id: ID! x: Int }',
    "c": 'type P @key(fields: "id") { id: ID! y: Int }',
    "d": """type P @key(fields: "id") {
      id: ID! x: Int @external y: Int @external sum: Int @requires(fields: "x y")
    }""",
}
TICKS = {
    "a": 'type Query { x: Int } type Subscription { t: P } type P @key(fields: "id") { id: ID! }',
    "b": 'type P @key(fields: "id") { id: ID! x: Int }',
}


def waves(subgraphs: dict[str, str], query: str) -> list[tuple[str, int, tuple[int, ...]]]:
    return [
        (item.fetch.service_name, item.wave, item.waits_for)
        for item in planned_fetches(plan(subgraphs, query))
    ]


def test_a_fetch_waits_for_all_that_ends_the_block_before_it() -> None:
    assert waves(CHAIN, "{ p { sum } }") == [
        ("a", 1, ()),
        ("b", 2, (1,)),
        ("c", 2, (1,)),
        ("d", 3, (2, 3)),
    ]


def test_the_rest_of_a_subscription_waits_for_its_event() -> None:
    assert waves(TICKS, "subscription { t { x } }") == [("a", 1, ()), ("b", 2, (1,))]


def test_conditions_around_a_fetch_are_told() -> None:
    query = "query ($full: Boolean!) { p { id x @include(if: $full) } }"
    [_, fetch] = planned_fetches(plan(CHAIN, query))

    assert [(item.variable, item.includes) for item in fetch.conditions] == [("full", True)]


def test_a_plan_without_requests_has_no_fetches() -> None:
    assert waves(CHAIN, "{ __typename }") == []
