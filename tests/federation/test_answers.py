"""What federation's directives promise, seen from the client: small supergraphs, real answers.

The subgraphs hold nothing but what they own, and compute required fields from the representation
alone: a plan that leaves something out fails in them.
"""

from typing import Any

from tests.kit.check_execution import GraphSubgraph, run


async def check_answer(
    subgraphs: dict[str, GraphSubgraph], query: str, data: dict[str, Any], requests: int
) -> None:
    result = await run(subgraphs, query)
    assert result.errors == []
    assert result.data == data
    assert sum(len(subgraph.requests) for subgraph in subgraphs.values()) == requests


def shops(**required: str) -> dict[str, GraphSubgraph]:
    """A shop's facts in one subgraph; another makes fields of those it requires."""
    facts = {
        "city": "Oslo",
        "owner": {"__typename": "Person", "name": "Ada"},
        "price": lambda _info, currency: {"EUR": 3, "USD": 4}[currency],
    }
    fields = " ".join(
        f'{name}: String @requires(fields: "{fields}")' for name, fields in required.items()
    )

    def made(representation: dict[str, Any]) -> dict[str, Any]:
        given = {name: representation[name] for name in sorted(representation)}
        return {**representation, **{name: repr(given) for name in required}}

    external = {
        "city": "city: String @external",
        "owner": "owner: Owner @external",
        "price": "price(currency: String!): Int @external",
    }
    used = " ".join(
        text for name, text in external.items() if any(name in each for each in required.values())
    )
    owner = """
        interface Owner { name: String }
        type Person implements Owner { name: String @shareable }
    """
    return {
        "facts": GraphSubgraph(
            f"""
            type Query {{ shop: Shop }}
            type Shop @key(fields: "id") {{
              id: ID! city: String owner: Owner price(currency: String!): Int
            }}
            {owner}
            """,
            {"shop": {"id": "1", **facts}},
            lambda item: {**item, **facts},
        ),
        "made": GraphSubgraph(
            f"""
            type Shop @key(fields: "id") {{
              id: ID! {used}
              {fields}
            }}
            {owner if "owner" in used else ""}
            """,
            entities=made,
        ),
    }


async def test_a_required_field_with_arguments_is_apart_from_the_clients_own_call() -> None:
    await check_answer(
        shops(tag='price(currency: \\"EUR\\")'),
        '{ shop { tag price(currency: "USD") } }',
        {"shop": {"tag": "{'__typename': 'Shop', 'id': '1', 'price': 3}", "price": 4}},
        requests=2,
    )


async def test_fields_that_require_one_field_with_different_arguments_do_not_share_it() -> None:
    await check_answer(
        shops(euros='price(currency: \\"EUR\\")', dollars='price(currency: \\"USD\\")'),
        "{ shop { euros dollars } }",
        {
            "shop": {
                "euros": "{'__typename': 'Shop', 'id': '1', 'price': 3}",
                "dollars": "{'__typename': 'Shop', 'id': '1', 'price': 4}",
            }
        },
        requests=2,
    )


async def test_a_requirement_goes_through_an_interface() -> None:
    owner = "{'__typename': 'Person', 'name': 'Ada'}"
    await check_answer(
        shops(sign="owner { ... on Person { name } }"),
        "{ shop { sign } }",
        {"shop": {"sign": f"{{'__typename': 'Shop', 'id': '1', 'owner': {owner}}}"}},
        requests=2,
    )


async def test_a_required_field_is_had_although_the_client_gave_its_name_away() -> None:
    await check_answer(
        shops(map="city"),
        '{ shop { city: price(currency: "EUR") map } }',
        {"shop": {"city": 3, "map": "{'__typename': 'Shop', 'city': 'Oslo', 'id': '1'}"}},
        requests=2,
    )


def required_in_turn() -> dict[str, GraphSubgraph]:
    """Two subgraphs whose fields require one another's, one after the other."""

    def left(item: dict[str, Any]) -> dict[str, Any]:
        return {
            **item,
            "first": "1",
            **({"third": item["second"] + "3"} if "second" in item else {}),
        }

    def right(item: dict[str, Any]) -> dict[str, Any]:
        made = {"second": item["first"] + "2"} if "first" in item else {}
        return {**item, **made, **({"fourth": item["third"] + "4"} if "third" in item else {})}

    return {
        "left": GraphSubgraph(
            """
            type Query { thing: Thing }
            type Thing @key(fields: "id") {
              id: ID!
              first: String
              second: String @external
              third: String @requires(fields: "second")
            }
            """,
            {"thing": {"id": "1", "first": "1"}},
            left,
        ),
        "right": GraphSubgraph(
            """
            type Thing @key(fields: "id") {
              id: ID!
              first: String @external
              second: String @requires(fields: "first")
              third: String @external
              fourth: String @requires(fields: "third")
            }
            """,
            entities=right,
        ),
    }


async def test_two_subgraphs_that_require_each_others_fields_take_turns() -> None:
    await check_answer(
        required_in_turn(), "{ thing { fourth } }", {"thing": {"fourth": "1234"}}, requests=4
    )


async def test_what_is_needed_on_the_way_answers_the_client_too() -> None:
    await check_answer(
        required_in_turn(),
        "{ thing { fourth third second first } }",
        {"thing": {"fourth": "1234", "third": "123", "second": "12", "first": "1"}},
        requests=4,
    )


def library() -> dict[str, GraphSubgraph]:
    """Media as an interface in one subgraph, as an object in another, and its types in a third."""
    rows = {
        "1": {"__typename": "Book", "id": "1", "title": "Emma", "pages": 400},
        "2": {"__typename": "Film", "id": "2", "title": "Heat", "minutes": 170},
    }
    return {
        "media": GraphSubgraph(
            """
            type Query { media: [Media!]! }
            interface Media @key(fields: "id") { id: ID! title: String }
            type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
            type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
            """,
            {"media": list(rows.values())},
            lambda item: rows[item["id"]],
        ),
        "scores": GraphSubgraph(
            """
            type Query { best: Media }
            type Media @key(fields: "id") @interfaceObject {
              id: ID!
              title: String @external
              score: Int
              praise: String @requires(fields: "title")
            }
            """,
            {"best": {"id": "2", "score": 20}},
            lambda item: {
                "__typename": "Media",
                "score": int(item["id"]) * 10,
                "praise": f"{item.get('title')}!",
            },
        ),
        "authors": GraphSubgraph(
            'type Book @key(fields: "id") { id: ID! author: String }',
            entities=lambda item: {**item, "author": "Jane"},
        ),
        "cast": GraphSubgraph(
            'type Film @key(fields: "id") { id: ID! cast: [String!] }',
            entities=lambda item: {**item, "cast": ["Al"]},
        ),
    }


async def test_a_field_of_an_interface_object_is_had_for_all_types_in_one_request() -> None:
    await check_answer(
        library(),
        "{ media { __typename score praise } }",
        {
            "media": [
                {"__typename": "Book", "score": 10, "praise": "Emma!"},
                {"__typename": "Film", "score": 20, "praise": "Heat!"},
            ]
        },
        requests=2,
    )


async def test_an_interface_objects_concrete_type_is_asked_from_who_knows_it() -> None:
    await check_answer(
        library(),
        "{ best { __typename score ... on Book { pages } ... on Film { minutes } } }",
        {"best": {"__typename": "Film", "score": 20, "minutes": 170}},
        requests=2,
    )


async def test_an_interface_object_is_left_for_its_type_and_then_for_a_third_subgraph() -> None:
    await check_answer(
        library(),
        "{ best { score ... on Book { author } ... on Film { cast } } }",
        {"best": {"score": 20, "cast": ["Al"]}},
        requests=3,
    )


async def test_the_types_of_a_list_are_fetched_from_a_subgraph_each_at_the_same_time() -> None:
    await check_answer(
        library(),
        "{ media { title ... on Book { author } ... on Film { cast minutes } } }",
        {
            "media": [
                {"title": "Emma", "author": "Jane"},
                {"title": "Heat", "cast": ["Al"], "minutes": 170},
            ]
        },
        requests=3,
    )


async def test_what_a_path_provides_below_an_object_is_not_fetched_again() -> None:
    def user(item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "home": {"city": "Rome", "street": "Corso"}}

    subgraphs = {
        "posts": GraphSubgraph(
            """
            type Query { post: Post }
            type Post { author: User @provides(fields: "home { city }") }
            type User @key(fields: "id") { id: ID! home: Home @external }
            type Home { city: String @external }
            """,
            {"post": {"author": {"id": "1", "home": {"city": "Rome"}}}},
        ),
        "users": GraphSubgraph(
            """
            type User @key(fields: "id") { id: ID! home: Home @shareable }
            type Home { city: String @shareable street: String }
            """,
            entities=user,
        ),
    }
    await check_answer(
        subgraphs,
        "{ post { author { home { city } } } }",
        {"post": {"author": {"home": {"city": "Rome"}}}},
        requests=1,
    )
    await check_answer(
        subgraphs,
        "{ post { author { home { city street } } } }",
        {"post": {"author": {"home": {"city": "Rome", "street": "Corso"}}}},
        requests=3,  # with the one before
    )


async def test_a_subgraph_that_does_not_resolve_a_key_is_never_entered_by_it() -> None:
    subgraphs = {
        "carts": GraphSubgraph(
            """
            type Query { cart: Item }
            type Item @key(fields: "id", resolvable: false) { id: ID! note: String @shareable }
            """,
            {"cart": {"id": "1", "note": "mine"}},
        ),
        "items": GraphSubgraph(
            """
            type Query { item: Item }
            type Item @key(fields: "id") { id: ID! name: String note: String @shareable }
            """,
            {"item": {"id": "1", "name": "Cup", "note": "theirs"}},
            lambda item: {**item, "name": "Cup", "note": "theirs"},
        ),
    }
    await check_answer(
        subgraphs,
        "{ cart { note name } item { note } }",
        {"cart": {"note": "mine", "name": "Cup"}, "item": {"note": "theirs"}},
        requests=3,
    )


async def test_a_shared_value_is_put_together_from_the_subgraphs_that_know_its_parts() -> None:
    subgraphs = {
        "left": GraphSubgraph(
            """
            type Query { place: Place @shareable }
            type Place @shareable { name: String size: Size }
            type Size @shareable { width: Int }
            """,
            {"place": {"name": "Park", "size": {"width": 3}}},
        ),
        "right": GraphSubgraph(
            """
            type Query { place: Place @shareable }
            type Place @shareable { name: String size: Size }
            type Size @shareable { width: Int height: Int }
            """,
            {"place": {"name": "Park", "size": {"width": 3, "height": 4}}},
        ),
    }
    await check_answer(
        subgraphs,
        "{ place { name size { width height } } }",
        {"place": {"name": "Park", "size": {"width": 3, "height": 4}}},
        requests=1,
    )


async def test_fields_of_mutations_fetch_entities_anew_and_in_order() -> None:
    stock = {"1": 5}

    def take(_info: Any, count: int) -> dict[str, Any]:
        stock["1"] -= count
        return {"id": "1"}

    subgraphs = {
        "orders": GraphSubgraph(
            """
            type Query { ok: Boolean }
            type Mutation { take(count: Int!): Item }
            type Item @key(fields: "id") { id: ID! }
            """,
            {"take": take},
        ),
        "stock": GraphSubgraph(
            'type Item @key(fields: "id") { id: ID! left: Int }',
            entities=lambda item: {**item, "left": stock["1"]},
        ),
    }
    result = await run(
        subgraphs, "mutation { a: take(count: 1) { left } b: take(count: 2) { left } }"
    )
    assert result.errors == []
    assert result.data is not None
    assert result.data["b"] == {"left": 2}
