"""The assertion on a plan's cost."""

from textwrap import dedent

import pytest

from supergraph import Gateway
from supergraph.testing import assert_plan_budget
from tests.server.shop import SUPERGRAPH, gateway

QUERY = "{ products { name reviews { text product { stock } } } }"


@pytest.mark.parametrize("supergraph", [SUPERGRAPH, gateway()], ids=["sdl", "gateway"])
def test_a_plan_within_its_budget_passes(supergraph: Gateway | str) -> None:
    assert_plan_budget(supergraph, QUERY, fetches=3, waves=3, fetches_of={"products": 2})


def test_no_limit_means_no_limit() -> None:
    assert_plan_budget(SUPERGRAPH, QUERY)


def test_a_plan_over_its_budget_is_shown() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_plan_budget(SUPERGRAPH, "{ products { reviews { text } } }", fetches=1, waves=1)

    message = str(caught.value)
    assert message.startswith(
        dedent(
            """
            the plan is over its budget
              2 fetches, and at most 1 allowed
              2 waves, and at most 1 allowed

            wave 1
              products: query { products }
            wave 2
              reviews: Product at products.@ { reviews }

            QueryPlan {
              Sequence {
            """
        ).lstrip()
    )


def test_only_what_is_over_its_limit_is_named() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_plan_budget(SUPERGRAPH, QUERY, fetches=3, fetches_of={"products": 2, "reviews": 0})

    over = str(caught.value).split("\n\n")[0]
    assert over == "the plan is over its budget\n  1 fetch of reviews, and at most 0 allowed"


def test_conditional_fetches_count_unless_the_variables_exclude_them() -> None:
    query = "query ($full: Boolean!) { products { name reviews @include(if: $full) { text } } }"

    assert_plan_budget(SUPERGRAPH, query, fetches=1, variables={"full": False})
    with pytest.raises(AssertionError, match="2 fetches"):
        assert_plan_budget(SUPERGRAPH, query, fetches=1)
    with pytest.raises(AssertionError, match="2 fetches"):
        assert_plan_budget(SUPERGRAPH, query, fetches=1, variables={"full": True})


def test_an_invalid_operation_fails_with_all_that_is_wrong() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_plan_budget(SUPERGRAPH, "{ product { nothing } products { nowhere } }", fetches=9)

    message = str(caught.value)
    assert "the operation is refused (GRAPHQL_VALIDATION_FAILED):" in message
    assert "nothing" in message
    assert "nowhere" in message


def test_one_of_several_operations_is_named() -> None:
    query = "query A { products { name } } query B { products { reviews { text } } }"

    assert_plan_budget(SUPERGRAPH, query, fetches=1, operation_name="A")
    with pytest.raises(AssertionError, match="2 fetches"):
        assert_plan_budget(SUPERGRAPH, query, fetches=1, operation_name="B")
    with pytest.raises(AssertionError, match="several operations"):
        assert_plan_budget(SUPERGRAPH, query, fetches=1)
