"""Planning stays small where operations or supergraphs are made to be slow."""

import time
from collections.abc import Iterator

import pytest
from graphql import parse

from supergraph.error_codes import runtime as codes
from supergraph.errors import GatewayError
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.planner import Planner
from supergraph.planner.walk.budget import PLANNING_SECONDS_MAX
from tests.kit.check_plan import compose_supergraph, plan, requests_of

IMPLEMENTATIONS = 70

FRIENDS = {
    "names": """
        type Query { me: User }
        type User @key(fields: "id") { id: ID! name: String }
    """,
    "friends": """
        type User @key(fields: "id") { id: ID! friend: User age(in: Int): Int }
    """,
}


def test_seventy_implementations_plan_deep_operations_within_a_second() -> None:
    types = range(IMPLEMENTATIONS)
    planner = Planner(
        parse_supergraph(
            compose_supergraph(
                {
                    "nodes": "type Query { nodes: [Node!]! } "
                    "interface Node { id: ID! peers: [Node!]! }"
                    + " ".join(
                        f'type T{number} implements Node @key(fields: "id")'
                        "{ id: ID! peers: [Node!]! }"
                        for number in types
                    ),
                    "names": "interface Node { id: ID! name: String owner: Owner }"
                    'type Owner @key(fields: "id") { id: ID! }'
                    + " ".join(
                        f'type T{number} implements Node @key(fields: "id")'
                        "{ id: ID! name: String owner: Owner }"
                        for number in types
                    ),
                    "owners": 'type Owner @key(fields: "id") { id: ID! mail: String }',
                }
            )
        )
    )
    selected = "id name"
    for _ in range(6):
        selected = f"id name owner {{ mail }} peers {{ {selected} }}"
    document = parse(f"{{ nodes {{ {selected} }} }}")
    begun = time.process_time()
    found = planner.plan(document, None)
    assert time.process_time() - begun < 10  # A search would take hours; measured 0.3
    assert [fetch.service_name for fetch in requests_of(found)] == ["nodes", "names", "owners"]


@pytest.mark.parametrize("count", [8, 16])
def test_keys_that_are_had_by_way_of_each_other_are_found_without_going_in_circles(
    count: int,
) -> None:
    subgraphs = {}
    for number in range(count):
        own = [f"k{(number + step) % count}" for step in range(3)]
        keys = " ".join(f'@key(fields: "{key}")' for key in own)
        fields = " ".join(f"{key}: ID!" for key in own)
        root = "type Query { e: E } " if number == 0 else ""
        subgraphs[f"s{number}"] = (
            f"{root} type E {keys} {{ {fields} f{number}: Int to{number}: E }}"
        )
    everything = " ".join(f"f{number}" for number in range(count))
    for query in (
        f"{{ e {{ {everything} }} }}",
        "{ e { " + " ".join(f"to{number} {{ {everything} }}" for number in range(count)) + " } }",
    ):
        found = requests_of(plan(subgraphs, query))
        assert {fetch.service_name for fetch in found} == set(subgraphs)


def test_hundreds_of_aliases_are_one_question_for_the_choice_of_subgraphs() -> None:
    subgraphs = {
        f"s{number}": ("type Query { e: E } " if number == 0 else "")
        + f'type E @key(fields: "id") {{ id: ID! own{number}: Int '
        + " ".join(f"f{field}: Int @shareable" for field in range(1, 12) if field != number)
        + " }"
        for number in range(12)
    }
    subgraphs["s0"] = 'type Query { e: E } type E @key(fields: "id") { id: ID! }'
    aliases = " ".join(f"a{number}: f{1 + number % 11}" for number in range(600))
    found = requests_of(plan(subgraphs, f"{{ e {{ {aliases} }} }}"))
    assert len(found) == 3  # every subgraph lacks one field, so two are entered


def test_many_places_of_one_entity_share_a_request() -> None:
    aliases = " ".join(f"a{number}: friend {{ name age }}" for number in range(300))
    found = requests_of(plan(FRIENDS, f"{{ me {{ {aliases} }} }}"))
    assert [fetch.service_name for fetch in found] == ["names", "friends", "names"]


def test_fifty_levels_take_as_many_requests_as_one_has_to_wait_for() -> None:
    selected = "name"
    for _ in range(50):
        selected = f"friend {{ age {selected} }}"
    found = requests_of(plan(FRIENDS, f"{{ me {{ {selected} }} }}"))
    assert [fetch.service_name for fetch in found] == ["names", "friends", "names"]


def test_planning_ends_when_its_time_is_over_and_says_so() -> None:
    def clock() -> Iterator[float]:
        yield 0.0
        while True:
            yield PLANNING_SECONDS_MAX + 1

    planner = Planner(parse_supergraph(compose_supergraph(FRIENDS)), clock().__next__)
    aliases = " ".join(f"a{number}: friend {{ name }}" for number in range(100))
    with pytest.raises(GatewayError, match="PLANNING_SECONDS_MAX") as caught:
        planner.plan(parse(f"{{ me {{ {aliases} }} }}"), None)
    assert caught.value.code is codes.QUERY_PLANNING_FAILED
