"""`@fromContext`: what a field is depends on the objects above it."""

from typing import Any

import pytest

from supergraph.executor.contextual_fetch import PARTS_MAX
from supergraph.executor.execute import subscribe
from supergraph.traffic.reply import SubgraphReply
from tests.kit.check_execution import GraphSubgraph, context_for, plan_for, run

#: Every field of these subgraphs that reads a context answers with what it was told.
SHOP = """
type Query { shop: Shop shops: [Shop!]! house: House }
type Mutation { open(name: String): Shop }
type Subscription { opened: Shop }
interface House { area: Area }
type Shop implements House @key(fields: "id") @context(name: "shop") {
  id: ID!
  currency: String
  area: Area
  item: Item
  shelves: [[Shelf!]!]
  branch: Shop
}
type Depot implements House @key(fields: "id") @context(name: "shop") {
  id: ID!
  unit: String!
  area: Area
  item: Item
}
type Area { item: Item }
type Shelf { items: [Item] }
type Item @key(fields: "id") {
  id: ID!
  name(length: Int): String
  price(
    in: String @fromContext(field: "$shop ... on Shop { currency } ... on Depot { unit }")
    digits: Int
  ): String
}
"""


def price(**arguments: Any) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(arguments.items()))


def item(key: str) -> dict[str, Any]:
    return {
        "__typename": "Item",
        "id": key,
        "name": lambda _info, length=9: f"item {key}"[:length],
        "price": lambda _info, **arguments: f"{key}: {price(**arguments)}",
    }


def shop(key: str, currency: str | None, **fields: Any) -> dict[str, Any]:
    fields = {"area": {"item": item("a")}, "item": item("i")} | fields
    return {"__typename": "Shop", "id": key, "currency": currency, **fields}


def subgraph(**root: Any) -> GraphSubgraph:
    return GraphSubgraph(SHOP, root, lambda representation: item(representation["id"]))


async def data(subgraphs: dict[str, GraphSubgraph], query: str, **variables: Any) -> Any:
    result = await run(subgraphs, query, variables)
    assert result.errors == []
    return result.data


async def test_field_gets_the_value_of_the_object_above() -> None:
    shops = subgraph(shop=shop("1", "EUR"))

    assert await data({"shops": shops}, "{ shop { item { price } } }") == {
        "shop": {"item": {"price": "i: in=EUR"}}
    }
    assert [request.entities_variable for request in shops.requests] == [None, "representations"]


async def test_values_reach_through_objects_and_lists() -> None:
    shelves = [[{"items": [item("x"), None]}], [{"items": [item("y")]}]]
    shops = subgraph(shop=shop("1", "EUR", shelves=shelves))

    assert await data({"shops": shops}, "{ shop { shelves { items { id price } } } }") == {
        "shop": {
            "shelves": [
                [{"items": [{"id": "x", "price": "x: in=EUR"}, None]}],
                [{"items": [{"id": "y", "price": "y: in=EUR"}]}],
            ]
        }
    }
    assert len(shops.requests) == 2


async def test_one_entity_below_different_values_is_asked_once_for_each_in_one_request() -> None:
    several = [shop("1", "EUR"), shop("2", "USD"), shop("3", "EUR"), shop("4", None)]
    shops = subgraph(shops=several)
    found = await data({"shops": shops}, "query Prices { shops { item { name price } } }")

    assert [one["item"]["price"] for one in found["shops"]] == [
        "i: in=EUR",
        "i: in=USD",
        "i: in=EUR",
        "i: in=None",
    ]
    _, request = shops.requests
    assert request.operation_name == "Prices__shops__1"
    assert dict(request.variables) == {
        f"{name}_{number}": value
        for number, currency in enumerate(["EUR", "USD", None])
        for name, value in (
            ("representations", [{"__typename": "Item", "id": "i"}]),
            ("contextualArgument_1_0", currency),
        )
    }


async def test_the_nearest_object_that_sets_the_context_counts() -> None:
    inner = shop("2", "USD", branch=shop("3", None))
    shops = subgraph(shop=shop("1", "EUR", branch=inner))
    query = "{ shop { item { price } branch { item { price } branch { item { price } } } } }"

    assert await data({"shops": shops}, query) == {
        "shop": {
            "item": {"price": "i: in=EUR"},
            "branch": {
                "item": {"price": "i: in=USD"},
                "branch": {"item": {"price": "i: in=None"}},
            },
        }
    }


@pytest.mark.parametrize(
    ("house", "expected"),
    [
        (shop("1", "EUR"), "a: in=EUR"),
        ({"__typename": "Depot", "unit": "kg", "area": {"item": item("a")}}, "a: in=kg"),
    ],
)
@pytest.mark.parametrize(
    "query",
    [
        "{ house { area { item { price } } } }",
        (
            "{ house { ... on Shop { area { ...A } } ... on Depot { area { ...A } } } } "
            "fragment A on Area { item { price } }"
        ),
    ],
)
async def test_value_is_chosen_by_the_type_of_the_object(
    house: dict[str, Any], expected: str, query: str
) -> None:
    assert await data({"shops": subgraph(house=house)}, query) == {
        "house": {"area": {"item": {"price": expected}}}
    }


async def test_names_that_the_client_took_are_no_obstacle() -> None:
    shops = subgraph(shops=[shop("1", "EUR"), shop("2", "USD")])
    query = """
    query (
      $contextualArgument_1_0: Int
      $representations: Int
      $representations_0: Boolean = true
    ) {
      shops {
        currency: id
        item {
          price(digits: $representations)
          name(length: $contextualArgument_1_0) @include(if: $representations_0)
        }
      }
    }
    """
    variables = {"contextualArgument_1_0": 4, "representations": 7, "representations_0": True}

    assert await data({"shops": shops}, query, **variables) == {
        "shops": [
            {"currency": "1", "item": {"price": "i: digits=7,in=EUR", "name": "item"}},
            {"currency": "2", "item": {"price": "i: digits=7,in=USD", "name": "item"}},
        ]
    }


async def test_what_a_condition_leaves_out_is_not_asked() -> None:
    shops = subgraph(shops=[shop("1", "EUR"), shop("2", "USD")])
    query = """
    query ($price: Boolean!, $digits: Int) {
      shops { item { price(digits: $digits) @include(if: $price) } }
    }
    """
    assert await data({"shops": shops}, query, price=False) == {"shops": [{"item": {}}] * 2}
    assert len(shops.requests) == 1
    found = await data({"shops": shops}, query, price=True, digits=2)
    assert found["shops"][1] == {"item": {"price": "i: digits=2,in=USD"}}


async def test_mutation_and_subscription_read_contexts_too() -> None:
    def opened(_info: Any, name: str) -> dict[str, Any]:
        return shop(name, name)

    shops = subgraph(open=opened)
    query = """
    mutation { a: open(name: "EUR") { item { price } } b: open(name: "USD") { item { price } } }
    """
    assert await data({"shops": shops}, query) == {
        "a": {"item": {"price": "i: in=EUR"}},
        "b": {"item": {"price": "i: in=USD"}},
    }
    entity = {"__typename": "Item", "id": "7"}
    shops.events = [
        SubgraphReply({"opened": {"currency": currency, "item": dict(entity)}}, ())
        for currency in ("EUR", "USD")
    ]
    plan = plan_for({"shops": shops}, "subscription { opened { item { price } } }")
    events = [event.data async for event in subscribe(plan, {}, context_for({"shops": shops}))]
    assert events == [
        {"opened": {"item": {"price": f"7: in={currency}"}}} for currency in ("EUR", "USD")
    ]


async def test_requests_have_a_maximum_of_parts_and_entities() -> None:
    shops = subgraph(shops=[shop(str(n), f"c{n}") for n in range(PARTS_MAX + 1)])
    found = await data({"shops": shops}, "{ shops { item { price } } }")
    assert [one["item"]["price"] for one in found["shops"]] == [
        f"i: in=c{n}" for n in range(PARTS_MAX + 1)
    ]
    assert [request.entities_variable for request in shops.requests] == [None] * 3

    shops = subgraph(
        shops=[shop(str(n), "EUR" if n % 2 else "USD", item=item(str(n))) for n in range(10)]
    )
    result = await run({"shops": shops}, "{ shops { item { price } } }", entity_batch_max=4)
    assert result.errors == []
    assert result.data == {
        "shops": [{"item": {"price": f"{n}: in={'EUR' if n % 2 else 'USD'}"}} for n in range(10)]
    }
    assert len(shops.requests) == 4


async def test_object_whose_value_never_came_is_not_asked_for() -> None:
    """The field would answer as if the value were null, and nobody could tell."""
    prices = """
    type Query { shop: Shop }
    type Shop @key(fields: "id") @context(name: "shop") {
      id: ID!
      currency: String @external
      item: Item
    }
    type Item @key(fields: "id") {
      id: ID!
      name: String
      price(in: String @fromContext(field: "$shop { currency }")): String
    }
    """
    values = {"__typename": "Shop", "id": "1", "item": item("i")}
    shops = GraphSubgraph(prices, {"shop": values}, lambda found: item(found["id"]))
    broken = GraphSubgraph(
        'type Shop @key(fields: "id") { id: ID! currency: String }',
        reply=lambda _: SubgraphReply(None, ({"message": "broken"},)),
    )
    result = await run({"shops": shops, "money": broken}, "{ shop { item { id price } } }")

    assert result.data == {"shop": {"item": {"id": "i", "price": None}}}
    assert [error["message"] for error in result.errors] == ["broken"]
    assert len(shops.requests) == 1


@pytest.mark.parametrize(
    "query",
    [
        "{ place { room { item { price } } } }",
        (
            "{ place { ... on Hall { room { ...R } } ... on Yard { room { ...R } } } } "
            "fragment R on Room { item { price } }"
        ),
        (
            "{ any { ... on Hall { room { ...R } } ... on Yard { room { ...R } } } } "
            "fragment R on Room { item { price } }"
        ),
    ],
)
@pytest.mark.parametrize("type_name", ["Hall", "Yard"])
async def test_interface_or_union_sets_a_context_for_its_objects(
    query: str, type_name: str
) -> None:
    sdl = """
    type Query { place: Place any: Any }
    interface Place @context(name: "place") { size: Size room: Room }
    union Any @context(name: "any") = Hall | Yard
    type Hall implements Place { size: Size room: Room name: String }
    type Yard implements Place { size: Size room: Room name: String }
    type Size { marks: [Mark] }
    type Mark { at: Int }
    type Room { item: Item }
    type Item @key(fields: "id") {
      id: ID!
      price(marks: [Int] @fromContext(field: "$place { size { marks { at } } }")): String
      note(
        name: String @fromContext(field: "$any ... on Hall { name } ... on Yard { name }")
        marks: [Int] @fromContext(field: "$place { size { marks { at } } }")
      ): String
    }
    """

    def load(representation: dict[str, Any]) -> dict[str, Any]:
        found = item(representation["id"])
        return found | {"note": lambda _info, **arguments: price(**arguments)}

    place = {
        "__typename": type_name,
        "name": type_name.lower(),
        "size": {"marks": [{"at": 1}, None, {"at": 3}]},
        "room": {"item": load({"id": "i"})},
    }
    places = GraphSubgraph(sdl, {"place": place, "any": place}, load)
    query = query.replace("price", "price note")
    [found] = (await data({"places": places}, query)).values()

    assert found["room"]["item"] == {
        "price": "i: marks=[1, None, 3]",
        "note": f"marks=[1, None, 3],name={type_name.lower()}",
    }
    assert len(places.requests) == 2


async def test_context_of_a_type_without_a_value_for_it_is_null() -> None:
    """The nearest object counts, even where no condition of the selection is for its type."""
    sdl = """
    type Query { shop: Shop }
    interface Any @context(name: "any") { item: Item inner: Stall }
    type Shop implements Any { item: Item inner: Stall name: String }
    type Stall implements Any { item: Item inner: Stall }
    type Item @key(fields: "id") {
      id: ID!
      price(in: String @fromContext(field: "$any ... on Shop { name }")): String
    }
    """
    stall = {"__typename": "Stall", "item": item("i")}
    values = {"__typename": "Shop", "name": "s", "item": item("i"), "inner": stall}
    shops = GraphSubgraph(sdl, {"shop": values}, lambda found: item(found["id"]))

    assert await data({"shops": shops}, "{ shop { item { price } inner { item { price } } } }") == {
        "shop": {"item": {"price": "i: in=s"}, "inner": {"item": {"price": "i: in=None"}}}
    }


async def test_clients_do_not_see_contexts() -> None:
    query = """
    {
      __type(name: "Item") { fields { name args { name } } }
      __schema { directives { name } types { name } }
    }
    """
    found = await data({"shops": subgraph()}, query)

    fields = {one["name"]: one["args"] for one in found["__type"]["fields"]}
    assert fields["price"] == [{"name": "digits"}]
    names = found["__schema"]["directives"] + found["__schema"]["types"]
    assert not [one["name"] for one in names if "ontext" in one["name"]]
