"""Answers in parts: laid together they are the answer at once; nulls stay in their part."""

import copy
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from supergraph.executor.compiled_parts import answers_in_parts
from supergraph.executor.delivery import DeliveredFragment, Delivery
from supergraph.executor.execute_in_parts import execute_in_parts
from supergraph.planner.plan_nodes import QueryPlan
from tests.kit.check_execution import GraphSubgraph, context_for
from tests.kit.parts import SUBGRAPHS, is_valid, plan, run, selection_sets, without_parts


async def deliveries(
    planned: QueryPlan,
    variables: Mapping[str, Any],
    subgraphs: Mapping[str, GraphSubgraph] = SUBGRAPHS,
) -> list[Delivery]:
    """All that is delivered, checked for what every client relies on."""
    stream = execute_in_parts(planned, variables, context_for(subgraphs))
    async with aclosing(stream) as parts:
        found = [part async for part in parts]
    assert [part.has_next for part in found] == [True] * (len(found) - 1) + [False]
    assert [part.result is not None for part in found] == [True] + [False] * (len(found) - 1)
    _check_pending(found)
    return found


def _check_pending(found: list[Delivery]) -> None:
    """Everything is announced once, and then delivered to its end."""
    open_ids: set[str] = set()
    seen: set[str] = set()
    for part in found:
        new = [pending.id for pending in part.pending]
        assert len(set(new)) == len(new)
        assert not seen.intersection(new)
        seen.update(new)
        open_ids.update(new)
        for piece in part.pieces:
            assert piece.pending.id in open_ids
            if isinstance(piece, DeliveredFragment) or piece.is_over:
                open_ids.remove(piece.pending.id)
    assert not open_ids


def merged(found: list[Delivery]) -> Any:
    """The answer as a client puts it together."""
    result = found[0].result
    assert result is not None
    data = copy.deepcopy(result.data)
    for part in found:
        for piece in part.pieces:
            target: Any = data
            for key in piece.pending.path:
                target = target[key]
            if isinstance(piece, DeliveredFragment):
                lay(target, copy.deepcopy(piece.data))
            else:
                assert len(target) == piece.start
                target.extend(copy.deepcopy(piece.items))
    return data


def lay(target: Any, source: Any) -> None:
    for key, value in (source or {}).items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            lay(target[key], value)
        elif isinstance(value, list) and isinstance(target.get(key), list):
            lay_list(target[key], value)
        else:
            target[key] = value


def lay_list(target: list[Any], source: list[Any]) -> None:
    for index, item in enumerate(source):
        if index >= len(target):
            target.append(item)
        elif isinstance(item, dict):
            lay(target[index], item)
        elif isinstance(item, list):
            lay_list(target[index], item)
        else:
            target[index] = item


def errors(found: list[Delivery]) -> list[Any]:
    told = [] if found[0].result is None else list(found[0].result.errors)
    return told + [error for part in found for piece in part.pieces for error in piece.errors]


async def check(query: str, **variables: Any) -> list[Delivery]:
    planned = plan(query)
    found = await deliveries(planned, variables)
    expected = await run(plan(without_parts(query)), **variables)
    assert (merged(found), errors(found)) == (expected.data, [])
    return found


async def test_the_primary_part_comes_first() -> None:
    first, second = await check('{ me { name ... @defer(label: "more") { karma badge } } }')

    assert first.result is not None
    assert first.result.data == {"me": {"name": "P1"}}
    [pending] = first.pending
    assert (pending.path, pending.label) == (("me",), "more")
    [piece] = second.pieces
    assert isinstance(piece, DeliveredFragment)
    assert piece.data == {"karma": 10, "badge": "badge of P1"}


async def test_an_empty_primary_part_is_an_empty_object() -> None:
    first, _ = await check("{ me { ... @defer { karma } } }")
    assert first.result is not None
    assert first.result.data == {"me": {}}


async def test_each_item_of_a_list_has_a_piece() -> None:
    first, second = await check("{ people { id ... @defer { karma } } }")
    paths = [("people", 0), ("people", 1), ("people", 2)]
    assert [pending.path for pending in first.pending] == paths
    assert [piece.pending.path for piece in second.pieces] == paths


async def test_a_fragment_counts_for_objects_of_its_type() -> None:
    first, *_ = await check("{ pets { name ... on Cat @defer { fans { karma } } } }")
    assert [pending.path for pending in first.pending] == [("pets", 1)]


async def test_what_is_fetched_with_the_part_around_comes_later_all_the_same() -> None:
    first, second = await check("{ me { home { street ... @defer { owner { name } } } } }")
    assert first.result is not None
    assert first.result.data == {"me": {"home": {"street": "S1"}}}
    assert len(second.pieces) == 1


async def test_a_part_inside_another_follows_it() -> None:
    query = '{ me { ... @defer { friend { ... @defer(label: "in") { karma } } } } }'
    found = await check(query)
    assert [pending.label for pending in found[0].pending] == [None]
    labels = [piece.pending.label for part in found for piece in part.pieces]
    assert labels == [None, "in"]


async def test_conditions_above_a_part_hold_for_it() -> None:
    query = """
    query ($x: Boolean!) {
      me @include(if: $x) { name ... @defer(label: "x") { karma } }
      ... @skip(if: $x) { me { name ... @defer(label: "y") { badge } } }
    }
    """
    for value, label in ((True, "x"), (False, "y")):
        found = await check(query, x=value)
        assert [pending.label for pending in found[0].pending] == [label]


async def test_types_above_a_part_hold_for_it() -> None:
    query = "{ pets { ... on Cat { owner { ... @defer { karma } } } ... on Dog { owner { id } } } }"
    found = await check(query)
    assert [pending.path for pending in found[0].pending] == [("pets", 1, "owner")]


@pytest.mark.parametrize("value", [True, False])
async def test_a_variable_decides_what_is_deferred(value: bool) -> None:
    query = "query ($x: Boolean!) { me { name ... @defer(if: $x) { karma } } }"
    assert answers_in_parts(plan(query), {"x": value}) is value
    assert len(await check(query, x=value)) == 1 + value


async def test_introspection_may_be_deferred() -> None:
    query = "{ me { name } ... @defer { __schema { queryType { ... @defer { name } } } } }"
    found = await deliveries(plan(query), {})
    assert merged(found) == {"me": {"name": "P1"}, "__schema": {"queryType": {"name": "Query"}}}


@given(selection_sets("Query", 3), st.booleans())
@settings(max_examples=100, deadline=None)
async def test_the_parts_of_any_operation_are_its_answer(selection_set: str, value: bool) -> None:
    used = "$x" in selection_set
    head = "query ($x: Boolean!) " if used else ""
    await check(head + selection_set, **({"x": value} if used else {}))


@given(st.integers(0, 3).flatmap(lambda count: selection_sets("Query", 3, count)), st.booleans())
@settings(max_examples=60, deadline=None)
async def test_streamed_lists_are_the_whole_lists(selection_set: str, value: bool) -> None:
    used = "$x" in selection_set
    head = "query ($x: Boolean!) " if used else ""
    assume(is_valid(head + selection_set))
    await check(head + selection_set, **({"x": value} if used else {}))
