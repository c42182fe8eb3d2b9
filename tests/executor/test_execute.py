"""Executing plans against subgraphs that really execute."""

from collections.abc import Callable
from typing import Any

import pytest

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.executor.execute import subscribe
from supergraph.names import SubgraphName
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.kit.check_execution import GraphSubgraph, context_for, plan_for, run

pytestmark = pytest.mark.usefixtures("tier")

USERS = """
type Query { users: [User!]! first: User, third: User }
type User @key(fields: "id") { id: ID! name: String! }
"""
POSTS = """
type Query { posts: [Post!]! }
type User @key(fields: "id") { id: ID! posts: [Post!]! karma: Int! nick: String }
type Post { id: ID! author: User! }
"""
PEOPLE = [{"id": "1", "name": "Ada"}, {"id": "2", "name": "Grace"}]


def a_user(representation: dict[str, Any]) -> dict[str, Any]:
    key = representation["id"]
    author = {"id": key}
    return {
        "__typename": "User",
        "id": key,
        "karma": int(key) * 10,
        "nick": f"nick{key}",
        "posts": [{"id": f"p{key}", "author": author}],
    }


def subgraphs(**options: Any) -> dict[str, GraphSubgraph]:
    posts = [{"id": f"p{index}", "author": {"id": str(index % 3 + 1)}} for index in range(6)]
    return {
        "users": GraphSubgraph(
            USERS,
            {"users": PEOPLE, "first": PEOPLE[0], "third": None},
            entities=lambda item: {"__typename": "User", **PEOPLE[int(item["id"]) % 2]},
        ),
        "posts": GraphSubgraph(POSTS, {"posts": posts}, entities=a_user, **options),
    }


def replies(data: dict[str, Any] | None, *errors: dict[str, Any]) -> Callable[..., SubgraphReply]:
    return lambda _request: SubgraphReply(data, errors)


def fails(_request: SubgraphRequest) -> SubgraphReply:
    raise SubgraphError(codes.SUBGRAPH_TIMEOUT, "posts did not answer", SubgraphName("posts"))


async def test_entity_fields_are_merged_in_the_order_the_client_selected() -> None:
    result = await run(subgraphs(), "{ users { karma name posts { id } } }")
    assert result.errors == []
    assert list(result.data["users"][0]) == ["karma", "name", "posts"]
    assert result.data["users"][1] == {"karma": 20, "name": "Grace", "posts": [{"id": "p2"}]}


async def test_equal_representations_are_asked_for_once() -> None:
    graph = subgraphs()
    result = await run(graph, "{ posts { author { name } } }")
    assert len(result.data["posts"]) == 6
    [request] = graph["users"].requests
    assert [item["id"] for item in request.variables["representations"]] == ["1", "2", "3"]


async def test_places_that_ask_the_same_share_one_request() -> None:
    graph = subgraphs()
    result = await run(graph, "{ a: first { karma } b: users { karma } c: first { karma } }")
    assert result.data["a"] == result.data["c"] == {"karma": 10}
    assert len(graph["posts"].requests) == 1


async def test_a_batch_over_the_maximum_is_split() -> None:
    graph = subgraphs()
    result = await run(graph, "{ posts { author { name } } }", entity_batch_max=2)
    assert result.errors == []
    sizes = [len(item.variables["representations"]) for item in graph["users"].requests]
    assert sizes == [2, 1]


async def test_an_entity_at_two_places_does_not_share_its_containers() -> None:
    graph = subgraphs()
    result = await run(
        graph, "{ a: first { posts { id } } b: first { posts { author { name } } } }"
    )
    assert result.data["a"] == {"posts": [{"id": "p1"}]}
    assert result.data["b"] == {"posts": [{"author": {"name": "Grace"}}]}


async def test_a_failing_subgraph_costs_its_nullable_fields_only() -> None:
    result = await run(subgraphs(reply=fails), "{ users { name nick } }")
    assert result.data == {
        "users": [{"name": "Ada", "nick": None}, {"name": "Grace", "nick": None}]
    }
    [error] = result.errors
    assert error["extensions"] == {"code": "SUBGRAPH_TIMEOUT", "serviceName": "posts"}
    assert error["path"] == ["users"]


async def test_a_lost_non_null_field_nulls_the_nearest_nullable_parent() -> None:
    result = await run(subgraphs(reply=fails), "{ first { name karma } users { name } }")
    assert result.data == {"first": None, "users": [{"name": "Ada"}, {"name": "Grace"}]}
    assert [error["extensions"]["code"] for error in result.errors] == ["SUBGRAPH_TIMEOUT"]


async def test_a_null_that_bubbles_to_the_root_leaves_no_data() -> None:
    result = await run(subgraphs(reply=fails), "{ users { karma } }")
    assert result.data is None
    assert len(result.errors) == 1


async def test_a_null_without_an_error_of_the_subgraph_gets_one() -> None:
    silent = replies({"_entities": [{"karma": None}]})
    result = await run(subgraphs(reply=silent), "{ first { who: karma } }")
    assert result.data == {"first": None}
    [error] = result.errors
    assert error["extensions"]["code"] == "UNEXPECTED_NULL"
    assert error["path"] == ["first", "who"]


async def test_an_entitys_error_stands_at_every_place_of_the_entity() -> None:
    broken = replies(
        {"_entities": [{"nick": None}]},
        {"message": "no nick", "path": ["_entities", 0, "nick"], "extensions": {"code": "NO_NICK"}},
    )
    result = await run(subgraphs(reply=broken), "{ a: first { nick } b: first { nick } }")
    assert result.data == {"a": {"nick": None}, "b": {"nick": None}}
    assert [error["path"] for error in result.errors] == [["a", "nick"], ["b", "nick"]]
    assert result.errors[0]["extensions"] == {"code": "NO_NICK", "serviceName": "posts"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"_entities": None},
        {"_entities": "nonsense"},
        {"_entities": []},
        {"_entities": [None]},
        {"_entities": [7]},
        {"_entities": [{"nick": ["not", "a", "string"]}]},
        {"_entities": [{"nick": "for nobody"}, {"nick": "too many"}]},
    ],
)
async def test_malformed_entities_never_raise_and_never_mix(data: dict[str, Any] | None) -> None:
    result = await run(subgraphs(reply=replies(data)), "{ first { name nick } }")
    assert result.data["first"]["name"] == "Ada"
    assert result.data["first"]["nick"] in {None, "for nobody"}


async def test_an_absent_object_asks_for_no_entities() -> None:
    graph = subgraphs()
    result = await run(graph, "{ third { karma } }")
    assert result.data == {"third": None}
    assert graph["posts"].requests == []


@pytest.mark.parametrize("full", [True, False])
async def test_a_conditional_field_is_fetched_only_when_it_counts(full: bool) -> None:
    graph = subgraphs()
    query = "query ($full: Boolean!) { first { name nick @include(if: $full) } }"
    result = await run(graph, query, {"full": full})
    assert ("nick" in result.data["first"]) is full
    assert len(graph["posts"].requests) == int(full)


async def test_a_key_the_client_aliased_away_still_finds_the_entity() -> None:
    result = await run(subgraphs(), "{ first { id: name karma } }")
    assert result.data == {"first": {"id": "Ada", "karma": 10}}


async def test_introspection_is_answered_beside_data() -> None:
    result = await run(
        subgraphs(), '{ __typename first { name } __type(name: "User") { name fields { name } } }'
    )
    assert list(result.data) == ["__typename", "first", "__type"]
    names = [field["name"] for field in result.data["__type"]["fields"]]
    assert sorted(names) == ["id", "karma", "name", "nick", "posts"]


async def test_introspection_alone_asks_no_subgraph() -> None:
    graph = subgraphs()
    result = await run(graph, "{ __schema { queryType { name } } }")
    assert result.data == {"__schema": {"queryType": {"name": "Query"}}}
    assert all(subgraph.requests == [] for subgraph in graph.values())


async def test_integers_of_any_size_pass_through() -> None:
    big = 12345678901234567890123
    graph = {
        "a": GraphSubgraph("scalar Long type Query { big: Long }", reply=replies({"big": big}))
    }
    assert (await run(graph, "{ big }")).data == {"big": big}


async def test_an_enum_value_outside_the_api_schema_does_not_leak() -> None:
    sdl = "type Query { color: Color } enum Color { RED SECRET @inaccessible }"
    graph = {"a": GraphSubgraph(sdl, reply=replies({"color": "SECRET"}))}
    result = await run(graph, "{ color }")
    assert result.data == {"color": None}
    assert result.errors[0]["extensions"]["code"] == "INVALID_SUBGRAPH_VALUE"
    assert "SECRET" not in str(result.errors)


async def test_values_of_an_abstract_type_are_told_apart_without_the_client_asking() -> None:
    sdl = """
    type Query { pets: [Pet!]! }
    interface Pet { id: ID! }
    type Cat implements Pet { id: ID! meows: Boolean }
    type Dog implements Pet { id: ID! barks: Boolean }
    """
    pets = [
        {"__typename": "Cat", "id": "c", "meows": True},
        {"__typename": "Dog", "id": "d", "barks": False},
    ]
    result = await run(
        {"a": GraphSubgraph(sdl, {"pets": pets})},
        "{ pets { id ... on Cat { meows } ... on Dog { barks } } }",
    )
    assert result.data == {"pets": [{"id": "c", "meows": True}, {"id": "d", "barks": False}]}


async def test_variables_go_only_where_they_are_used() -> None:
    sdl = "type Query { echo(text: String): String }"
    graph = {
        "a": GraphSubgraph(sdl, {"echo": lambda _info, text=None: text}),
        "b": GraphSubgraph("type Query { other(n: Int): Int }", {"other": lambda _info, n: n}),
    }
    query = "query ($t: String, $n: Int) { echo(text: $t) other(n: $n) }"
    result = await run(graph, query, {"t": "x", "n": 3})
    assert result.data == {"echo": "x", "other": 3}
    assert dict(graph["a"].requests[0].variables) == {"t": "x"}
    assert dict(graph["b"].requests[0].variables) == {"n": 3}


TICKS = """
type Query { x: Int }
type Subscription { ticks: User! }
type User @key(fields: "id") { id: ID! }
"""


async def test_each_event_of_a_subscription_is_completed_by_federated_fetches() -> None:
    events = [SubgraphReply({"ticks": {"__typename": "User", "id": key}}) for key in "12"]
    graph = subgraphs() | {"ticks": GraphSubgraph(TICKS, events=list(events))}
    plan = plan_for(graph, "subscription { ticks { id name karma } }")
    results = [item async for item in subscribe(plan, {}, context_for(graph))]
    assert [item.data["ticks"]["karma"] for item in results] == [10, 20]
    assert all(item.errors == [] for item in results)


async def test_a_lost_subscription_ends_with_a_result_that_says_so() -> None:
    lost = SubgraphError(codes.SUBGRAPH_SUBSCRIPTION_FAILED, "gone", SubgraphName("ticks"))
    first = SubgraphReply({"ticks": {"__typename": "User", "id": "1"}})
    graph = subgraphs() | {"ticks": GraphSubgraph(TICKS, events=[first, lost])}
    plan = plan_for(graph, "subscription { ticks { id } }")
    results = [item async for item in subscribe(plan, {}, context_for(graph))]
    assert results[0].data == {"ticks": {"id": "1"}}
    assert results[1].data is None
    assert results[1].errors[0]["extensions"]["serviceName"] == "ticks"


async def test_a_query_type_in_an_answer_starts_anew_in_any_subgraph() -> None:
    saves = GraphSubgraph(
        """
        type Query { version: Int }
        type Mutation { save: Saved! }
        type Saved { ok: Boolean! query: Query! }
        """,
        {"save": {"ok": True, "query": {"version": 7}}},
    )
    result = await run(
        subgraphs() | {"saves": saves}, "mutation { save { ok query { version first { name } } } }"
    )
    assert result.errors == []
    assert result.data == {"save": {"ok": True, "query": {"version": 7, "first": {"name": "Ada"}}}}


@pytest.mark.parametrize(
    ("data", "count"),
    [
        ({"_entities": [{"nick": "a"}]}, "1"),
        ({"_entities": [{"nick": "a"}] * 3}, "3"),
        ({"_entities": None}, "no list of"),
        ({"_entities": {"nick": "a"}}, "no list of"),
        ({}, "no list of"),
    ],
)
async def test_answer_without_the_entities_that_were_asked_for_is_told(
    data: dict[str, Any], count: str
) -> None:
    result = await run(subgraphs(reply=replies(data)), "{ users { name nick } }")
    assert result.data == {
        "users": [{"name": "Ada", "nick": None}, {"name": "Grace", "nick": None}]
    }
    [error] = result.errors
    assert error["message"].endswith(f"{count} entities where 2 were asked for.")
    assert error["extensions"] == {"code": "SUBGRAPH_MALFORMED_RESPONSE", "serviceName": "posts"}


async def test_null_in_place_of_the_entities_is_explained_by_the_subgraphs_error() -> None:
    reply = replies({"_entities": None}, {"message": "no luck", "path": ["_entities"]})
    result = await run(subgraphs(reply=reply), "{ users { nick } }")
    assert [error["message"] for error in result.errors] == ["no luck"]
