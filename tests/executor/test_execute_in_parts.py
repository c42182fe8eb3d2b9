"""Answers in parts: laid together they are the answer at once; nulls stay in their part."""

import asyncio
import copy
from collections.abc import Callable, Collection, Mapping
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.executor.compiled_parts import answers_in_parts
from supergraph.executor.delivery import DeliveredFragment, DeliveredItems, Delivery
from supergraph.executor.execute import execute
from supergraph.executor.execute_in_parts import STREAMED_ITEMS_MAX, execute_in_parts
from supergraph.names import ResponsePath, SubgraphName
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.kit.check_execution import GraphSubgraph, context_for
from tests.kit.examples import examples
from tests.kit.gates import Gated
from tests.kit.parts import SUBGRAPHS, is_valid, person, plan, run, selection_sets, without_parts


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
            assert value is not None or target.get(key) is None  # nothing is taken away
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


async def test_a_mutation_defers_below_its_fields() -> None:
    query = "mutation { adopt { id ... @defer { karma } } leave { name ... @defer { badge } } }"
    first, *_ = await check(query)
    assert [pending.path for pending in first.pending] == [("adopt",), ("leave",)]


@pytest.mark.parametrize("value", [True, False])
async def test_a_variable_decides_what_is_deferred(value: bool) -> None:
    query = "query ($x: Boolean!) { me { name ... @defer(if: $x) { karma } } }"
    assert answers_in_parts(plan(query), {"x": value}) is value
    assert len(await check(query, x=value)) == 1 + value


async def test_introspection_may_be_deferred() -> None:
    query = "{ me { name } ... @defer { __schema { queryType { ... @defer { name } } } } }"
    found = await deliveries(plan(query), {})
    assert merged(found) == {"me": {"name": "P1"}, "__schema": {"queryType": {"name": "Query"}}}


def failing(name: str, reply: Callable[[SubgraphRequest], SubgraphReply]) -> Any:
    """The subgraphs, of which one answers something else."""
    subgraph = SUBGRAPHS[name]
    changed = GraphSubgraph(subgraph.sdl, subgraph.root, subgraph.entities, reply)
    return {**SUBGRAPHS, name: changed}


def unreachable(request: SubgraphRequest) -> SubgraphReply:
    raise SubgraphError(codes.SUBGRAPH_UNREACHABLE, "no way", SubgraphName("social"))


def second_is_wrong(request: SubgraphRequest) -> SubgraphReply:
    error = {"message": "no karma", "path": ["_entities", 1, "karma"]}
    return SubgraphReply({"_entities": [{"karma": 1}, {"karma": None}, {"karma": 3}]}, (error,))


async def test_a_part_that_fails_costs_itself_only() -> None:
    query = "{ people { name ... @defer { karma } } me { name ... @defer { friend { name } } } }"
    found = await deliveries(plan(query), {}, failing("social", unreachable))

    assert found[0].result is not None
    assert found[0].result.errors == []
    pieces = {piece.pending.path: piece for part in found for piece in part.pieces}
    assert [piece.is_failed for piece in pieces.values()].count(True) == 3
    for index in range(3):  # each says why, since each is null
        [error] = pieces["people", index].errors
        assert error["extensions"] == {"code": "SUBGRAPH_UNREACHABLE", "serviceName": "social"}
    friend = pieces[("me",)]
    assert isinstance(friend, DeliveredFragment)
    assert friend.data == {"friend": {"name": "P2"}}


async def test_an_error_of_one_item_is_told_there() -> None:
    query = "{ people { name ... @defer { karma } } }"
    found = await deliveries(plan(query), {}, failing("social", second_is_wrong))

    pieces = found[1].pieces
    assert [piece.is_failed for piece in pieces] == [False, True, False]
    assert [len(piece.errors) for piece in pieces] == [0, 1, 0]
    assert pieces[1].errors[0]["path"] == ["people", 1, "karma"]


async def test_a_failure_is_told_once_where_nulls_are_allowed() -> None:
    query = "{ people { posts { text ... @defer { rank } } } }"
    found = await deliveries(plan(query), {}, failing("search", unreachable))

    pieces = found[1].pieces
    assert [piece.data for piece in pieces if isinstance(piece, DeliveredFragment)] == [
        {"rank": None}
    ] * len(pieces)
    assert len(errors(found)) == 1


async def test_a_failure_below_one_of_two_parts_is_told_in_that_one() -> None:
    query = "{ me { name ... @defer { home { street } } ... @defer { home { owner { karma } } } } }"
    found = await deliveries(plan(query), {}, failing("social", unreachable))
    assert found[0].result is not None
    assert found[0].result.errors == []
    assert len(errors(found)) == 1


async def test_nothing_follows_where_a_path_became_null() -> None:
    nothing = GraphSubgraph(SUBGRAPHS["animals"].sdl, {"me": None, "pets": []})
    query = "{ me { name ... @defer { karma } } pets { name ... on Cat @defer { lives } } }"
    [only] = await deliveries(plan(query), {}, {**SUBGRAPHS, "animals": nothing})
    assert only.result is not None
    assert only.result.data == {"me": None, "pets": []}
    assert not only.pending


async def test_a_null_inside_a_part_does_not_reach_what_was_delivered() -> None:
    query = "{ me { name friend { name ... @defer { badge } } } }"
    lacking = failing("social", lambda _: SubgraphReply({"_entities": [{"badge": None}]}))
    first, second = await deliveries(plan(query), {}, lacking)

    assert first.result is not None
    assert first.result.data == {"me": {"name": "P1", "friend": {"name": "P2"}}}
    [piece] = second.pieces
    assert piece.is_failed
    assert [error["extensions"]["code"] for error in piece.errors] == ["UNEXPECTED_NULL"]


async def test_what_was_null_stays_null() -> None:
    """A part that selects less of an object would find it; but then it would lack the rest."""
    query = "{ me { friend { badge } ... @defer { friend { name friend { name } } karma } } }"
    lacking: Any = {name: Spoiled(subgraph, {"badge"}) for name, subgraph in SUBGRAPHS.items()}
    first, second = await deliveries(plan(query), {}, lacking)

    assert first.result is not None
    assert first.result.data == {"me": {"friend": None}}
    [piece] = second.pieces
    assert isinstance(piece, DeliveredFragment)
    assert piece.data == {"friend": None, "karma": 10}


async def test_what_was_delivered_is_not_taken_away() -> None:
    """A part that would make it null fails instead, and what follows into the object may come."""
    query = (
        "{ ... @defer { ... @defer { me { karma } } } ... @defer { me { ... @defer { badge } } } }"
    )
    lacking: Any = {name: Spoiled(subgraph, {"karma"}) for name, subgraph in SUBGRAPHS.items()}
    found = await deliveries(plan(query), {}, lacking)

    assert merged(found) == {"me": {"badge": "badge of P1"}}
    [failed] = [piece for part in found for piece in part.pieces if piece.is_failed]
    [error] = failed.errors
    assert (error["path"], error["extensions"]) == (["me", "karma"], {"code": "UNEXPECTED_NULL"})


async def test_a_part_starts_before_the_primary_one_is_done() -> None:
    gated = {name: Gated(subgraph) for name, subgraph in SUBGRAPHS.items()}
    query = '{ me { name posts { rank } ... @defer(label: "k") { karma } } }'
    stream = execute_in_parts(plan(query), {}, context_for(gated))
    async with aclosing(stream) as parts:
        first = asyncio.ensure_future(anext(parts))
        (await gated["animals"].arrival()).set()
        for gate in [await gated["social"].arrival() for _ in ("posts", "karma")]:
            gate.set()
        posts = await gated["search"].arrival()
        assert not first.done()
        posts.set()
        assert (await first).has_next
        assert not (await anext(parts)).has_next


async def test_parts_come_in_the_order_in_which_they_are_ready() -> None:
    social, animals = Gated(SUBGRAPHS["social"]), Gated(SUBGRAPHS["animals"])
    subgraphs = {**SUBGRAPHS, "social": social, "animals": animals}
    query = """
    { me { name ... @defer(label: "k") { karma } ... @defer(label: "f") { friend { name } } } }
    """
    async with aclosing(execute_in_parts(plan(query), {}, context_for(subgraphs))) as parts:
        first = asyncio.ensure_future(anext(parts))
        (await animals.arrival()).set()
        assert len((await first).pending) == 2
        karma, friend = await social.arrival(), await animals.arrival()
        friend.set()
        assert [piece.pending.label for piece in (await anext(parts)).pieces] == ["f"]
        karma.set()
        assert [piece.pending.label for piece in (await anext(parts)).pieces] == ["k"]


async def test_parts_that_are_ready_together_come_together() -> None:
    social = Gated(SUBGRAPHS["social"])
    query = (
        "{ people { name ... @defer { karma } ... @defer { badge ... @defer { pets { id } } } } }"
    )
    stream = execute_in_parts(plan(query), {}, context_for({**SUBGRAPHS, "social": social}))
    async with aclosing(stream) as parts:
        await anext(parts)
        for gate in [await social.arrival() for _ in range(2)]:
            gate.set()
        last = await anext(parts)
    assert (len(last.pieces), last.has_next) == (9, False)


async def test_closing_ends_the_fetches() -> None:
    social = Gated(SUBGRAPHS["social"])
    query = "{ people { name ... @defer { karma } ... @defer { posts { rank } } } }"
    before = asyncio.all_tasks()
    stream = execute_in_parts(plan(query), {}, context_for({**SUBGRAPHS, "social": social}))
    async with aclosing(stream) as parts:
        await anext(parts)
        assert [await social.arrival() for _ in range(2)]
    assert social.cancelled == 2
    assert asyncio.all_tasks() == before


async def test_a_list_streams_after_its_first_items() -> None:
    query = 'query ($n: Int!) { people @stream(initialCount: $n, label: "p") { name } }'
    found = await check(query, n=1)
    assert found[0].result is not None
    assert found[0].result.data == {"people": [{"name": "P0"}]}
    [pending] = found[0].pending
    assert (pending.path, pending.label) == (("people",), "p")
    assert len(await check(query, n=3)) == 1
    assert len(await check("{ people @stream(if: false) { name } }")) == 1


async def test_items_that_stream_come_in_bounded_pieces() -> None:
    many = [person(0)] * (2 * STREAMED_ITEMS_MAX + 1)
    animals = GraphSubgraph(SUBGRAPHS["animals"].sdl, {"people": many})
    subgraphs = {**SUBGRAPHS, "animals": animals}
    found = await deliveries(plan("{ people @stream { id ... @defer { karma } } }"), {}, subgraphs)
    counts = [
        len(piece.items)
        for part in found
        for piece in part.pieces
        if isinstance(piece, DeliveredItems)
    ]
    assert counts == [STREAMED_ITEMS_MAX, STREAMED_ITEMS_MAX, 1]
    assert merged(found) == {"people": [{"id": "0", "karma": 0}] * len(many)}


async def test_a_list_ends_at_an_item_that_cannot_be_null() -> None:
    animals = GraphSubgraph(
        SUBGRAPHS["animals"].sdl,
        reply=lambda _: SubgraphReply({"people": [{"id": "1"}, {"id": "2"}, None, {"id": "4"}]}),
    )
    planned = plan("{ people @stream(initialCount: 1) { id } }")
    first, second = await deliveries(planned, {}, {**SUBGRAPHS, "animals": animals})

    assert first.result is not None
    assert first.result.data == {"people": [{"id": "1"}]}
    [piece] = second.pieces
    assert isinstance(piece, DeliveredItems)
    assert (piece.items, piece.is_failed) == ([{"id": "2"}], True)
    assert [error["path"] for error in piece.errors] == [["people", 2]]


async def test_a_negative_count_is_an_error_of_the_field() -> None:
    planned = plan("query ($n: Int!) { people @stream(initialCount: $n) { name } }")
    [only] = await deliveries(planned, {"n": -1})
    assert only.result is not None
    assert only.result.data is None
    assert [error["path"] for error in only.result.errors] == [["people"]]


@given(selection_sets("Query", 3), st.booleans())
@examples(100)
async def test_the_parts_of_any_operation_are_its_answer(selection_set: str, value: bool) -> None:
    used = "$x" in selection_set
    head = "query ($x: Boolean!) " if used else ""
    await check(head + selection_set, **({"x": value} if used else {}))


@given(st.integers(0, 3).flatmap(lambda count: selection_sets("Query", 3, count)), st.booleans())
@examples(60)
async def test_streamed_lists_are_the_whole_lists(selection_set: str, value: bool) -> None:
    used = "$x" in selection_set
    head = "query ($x: Boolean!) " if used else ""
    assume(is_valid(head + selection_set))
    await check(head + selection_set, **({"x": value} if used else {}))


class Spoiled:
    """A subgraph that answers null for some fields, whatever their types say."""

    def __init__(self, subgraph: GraphSubgraph, names: Collection[str]) -> None:
        self._subgraph = subgraph
        self._names = names

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        reply = await self._subgraph.execute(request)
        return SubgraphReply(self._spoiled(reply.data), reply.errors)

    def _spoiled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._spoiled(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            key: None if key in self._names else self._spoiled(item) for key, item in value.items()
        }


def contains(whole: Any, part: Any) -> bool:
    """Whether everything that is not null in one answer is the same in the other."""
    if part is None:
        return True
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            contains(whole.get(key), value) for key, value in part.items()
        )
    if isinstance(part, list):
        return (
            isinstance(whole, list) and len(whole) == len(part) and all(map(contains, whole, part))
        )
    return bool(whole == part)


def is_there(value: Any, path: ResponsePath) -> bool:
    for key in path:
        if value is None:
            return False
        value = value[key]
    return value is not None


SPOILED = ("karma", "badge", "posts", "text", "rank", "friend", "owner", "lives", "fans", "home")


@given(
    selection_sets("Query", 3),
    st.sets(st.sampled_from(SPOILED), min_size=1, max_size=3),
)
@examples(60)
async def test_nulls_cost_no_more_than_they_do_at_once(selection_set: str, names: set[str]) -> None:
    query = selection_set.replace(" @include(if: $x)", "")
    subgraphs: Any = {name: Spoiled(subgraph, names) for name, subgraph in SUBGRAPHS.items()}
    planned = plan(query)
    at_once = await execute(planned, {}, context_for(subgraphs))
    found = await deliveries(planned, {}, subgraphs)

    whole = merged(found)
    pieces = [piece for part in found for piece in part.pieces if piece.is_failed]
    # A part that would have made null what was there before fails as a whole.
    assert any(is_there(at_once.data, piece.pending.path) for piece in pieces) or contains(
        whole, at_once.data
    )
    assert all(piece.errors for part in found for piece in part.pieces if piece.is_failed)
    assert bool(errors(found)) >= bool(at_once.errors)
