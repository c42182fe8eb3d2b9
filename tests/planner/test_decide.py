"""Plans shown for given variables."""

from typing import Any

import pytest

from supergraph.planner.decide import decide
from supergraph.planner.print import print_plan
from tests.kit.check_plan import plan

USERS = """
type Query { me: User, users: [User!]! }
type Subscription { joined: User! }
type User @key(fields: "id") { id: ID! name: String! boss: User }
"""
REVIEWS = """
type User @key(fields: "id") { id: ID! karma: Int reviews: [Review!]! }
type Review { body: String! }
"""


def shown(query: str, **variables: Any) -> str:
    return print_plan(decide(plan({"users": USERS, "reviews": REVIEWS}, query), variables))


def test_a_condition_that_holds_is_not_mentioned() -> None:
    text = shown("query ($full: Boolean!) { me { name karma @include(if: $full) } }", full=True)

    assert "$full" not in text
    assert 'service: "reviews"' in text


def test_a_fetch_whose_condition_does_not_hold_is_left_out() -> None:
    text = shown("query ($brief: Boolean!) { me { name karma @skip(if: $brief) } }", brief=True)

    assert "Sequence" not in text
    assert 'service: "reviews"' not in text


def test_a_fetch_below_an_excluded_field_is_left_out() -> None:
    query = "query ($boss: Boolean!) { me { name boss @include(if: $boss) { karma } } }"

    assert 'path: "me.boss"' in shown(query, boss=True)
    assert "boss" not in shown(query, boss=False)


def test_of_a_batch_only_the_places_that_are_there_are_shown() -> None:
    query = """
    query ($boss: Boolean!) { me { karma boss @include(if: $boss) { reviews { body } } } }
    """

    assert "BatchFetch" in shown(query, boss=True)
    assert "BatchFetch" not in shown(query, boss=False)
    assert 'Flatten(path: "me")' in shown(query, boss=False)


def test_an_excluded_fragment_leaves_no_empty_braces() -> None:
    query = "query ($x: Boolean!) { me { ... @include(if: $x) { name boss { name } } } }"

    assert shown(query, x=False) == shown("{ me { __typename } }")


def test_nothing_left_to_ask_for_is_an_empty_plan() -> None:
    query = "query ($x: Boolean!) { me @include(if: $x) { name } }"

    assert shown(query, x=False) == "QueryPlan {}"


def test_a_subscriptions_stream_is_opened_whatever_its_conditions_say() -> None:
    query = "subscription ($x: Boolean!) { joined { name karma @include(if: $x) } }"

    assert "Rest" in shown(query, x=True)
    assert "Rest" not in shown(query, x=False)
    assert "Primary" in shown(query, x=False)


@pytest.mark.parametrize("value", [True, False])
def test_the_request_itself_stays_as_it_is(value: bool) -> None:
    undecided = plan(
        {"users": USERS, "reviews": REVIEWS}, "query ($x: Boolean!) { me { name @skip(if: $x) } }"
    )
    decided = decide(undecided, {"x": value})

    assert decided.node.operation == undecided.node.operation  # type: ignore[union-attr]
