"""Answers of operations with `@defer` are those without it; and the primary part stands alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supergraph.planner.decide import decide
from supergraph.planner.plan_nodes import DeferNode, QueryPlan
from tests.kit.examples import examples
from tests.kit.parts import plan, run, selection_sets, without_deferred, without_parts


async def check(query: str, **variables: Any) -> QueryPlan:
    """Both properties of one operation; every request must be valid for its subgraph, too."""
    planned = plan(query)
    result = await run(planned, **variables)
    expected = await run(plan(without_parts(query)), **variables)
    assert (result.data, result.errors) == (expected.data, [])
    if isinstance(planned.incremental, DeferNode):
        primary = plan(without_deferred(query))
        assert primary.incremental is None
        alone = QueryPlan(
            primary.operation,
            planned.incremental.primary.node,
            primary.syntax,
            primary.document,
            primary.api_schema,
        )
        first, whole = await run(alone, **variables), await run(primary, **variables)
        assert (first.data, first.errors) == (whole.data, [])
    return planned


@pytest.mark.parametrize(
    "query",
    [
        "{ me { name ... @defer { karma } } }",
        "{ me { ... @defer { name karma } } }",
        "{ people { id ... @defer { badge posts { text author { name } } } } }",
        "{ me { id: karma ... @defer { name badge } } }",
        "{ me { home { street ... @defer { owner { karma } } } } }",
        "{ box { width ... @defer { depth height } } }",
        "{ pets { name ... @defer { owner { karma } } ... on Cat @defer { lives fans { id } } } }",
        "{ pets { ... on Cat { ... @defer { fans { name karma } } } } }",
        "{ ... @defer { me { karma } } people { name } }",
        "{ me { friend { id } ... @defer { friend { name ... @defer { friend { karma } } } } } }",
        "{ me { ... @defer { ... @defer { ... @defer { karma } } } } }",
        "{ me { posts { text ... @defer { rank words { text post { rank } } } } } }",
        "mutation { adopt { id ... @defer { karma } } leave { name ... @defer { badge } } }",
    ],
)
async def test_a_deferred_answer_is_the_same_at_once(query: str) -> None:
    planned = await check(query)
    assert isinstance(planned.incremental, DeferNode)


@pytest.mark.parametrize("value", [True, False])
async def test_a_condition_decides_without_changing_the_answer(value: bool) -> None:
    query = "query ($x: Boolean!) { me { name ... @defer(if: $x) { karma } } }"
    planned = await check(query, x=value)
    assert isinstance(decide(planned, {"x": value}).incremental, DeferNode) is value


async def test_deferred_fields_under_conditions_follow_them() -> None:
    query = """
    query ($x: Boolean!, $y: Boolean!) {
      me @include(if: $x) { name ... @defer { karma badge @skip(if: $y) } }
      people { ... @include(if: $y) @defer { karma } }
    }
    """
    for x in (True, False):
        for y in (True, False):
            await check(query, x=x, y=y)


@given(selection_sets("Query", 3), st.booleans())
@examples(60)
async def test_any_operation_is_answered_the_same(selection_set: str, value: bool) -> None:
    used = "$x" in selection_set
    head = "query ($x: Boolean!) " if used else ""
    await check(head + selection_set, **({"x": value} if used else {}))
