"""Entities that are too few, too many, null or of another type: nobody gets another's values."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.graph import fields_of, healthy, query, response_key
from tests.faults.misbehaving_subgraph import Exchange, Setup, changes
from tests.faults.test_wrong_values import errors_of

#: Codes that may tell of entities that are not there; saying nothing is only right of a null.
LOST = {"SUBGRAPH_MALFORMED_RESPONSE", "INVALID_SUBGRAPH_VALUE", "UNEXPECTED_NULL"}
STRANGER = {"s": "label of a stranger", "n": 77}


def instead(value: Any) -> Callable[[Exchange], Any]:
    """The list of entities replaced."""
    return lambda exchange: {"data": {exchange.rows_key: value}}


def items(change: Callable[[list[Any]], list[Any]]) -> Callable[[Exchange], Any]:
    """The list of entities changed."""
    return lambda exchange: {"data": {exchange.rows_key: change(exchange.rows)}}


#: What comes, and which of the three products have their stock then: where the number is wrong,
#: nobody knows which entity is which.
WRONG_NUMBER = {"no entities", "one is missing", "two are missing", "one too many", "many too many"}
FAULTS: dict[str, tuple[Callable[[Exchange], Any], set[int]]] = {
    "no entities": (items(lambda _rows: []), set()),
    "one is missing": (items(lambda rows: rows[:2]), set()),
    "two are missing": (items(lambda rows: rows[:1]), set()),
    "one too many": (items(lambda rows: [*rows, STRANGER]), set()),
    "many too many": (items(lambda rows: rows + [STRANGER] * 1_000), set()),
    "null in place of the list": (instead(None), set()),
    "an object in place of the list": (instead({"0": STRANGER}), set()),
    "a string in place of the list": (instead("abc"), set()),
    "a number in place of the list": (instead(3), set()),
    "no list at all": (lambda _exchange: {"data": {}}, set()),
    "a list under another name": (lambda x: {"data": {f"{x.rows_key}_": x.rows}}, set()),
    "the first is null": (items(lambda rows: [None, *rows[1:]]), {1, 2}),
    "the last is null": (items(lambda rows: [*rows[:2], None]), {0, 1}),
    "all are null": (items(lambda _rows: [None] * 3), set()),
    "one is a number": (items(lambda rows: [rows[0], 7, rows[2]]), {0, 2}),
    "one is a string": (items(lambda rows: [rows[0], "row", rows[2]]), {0, 2}),
    "one is a list": (items(lambda rows: [rows[0], [rows[0]], rows[2]]), {0, 2}),
    "one is empty": (items(lambda rows: [rows[0], {}, rows[2]]), {0, 2}),
    "lists of lists": (items(lambda rows: [[row] for row in rows]), set()),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_products_without_their_entity_lose_its_fields_only(
    gateway: Setup, name: str
) -> None:
    fault, present = FAULTS[name]
    gateway.fault = changes(fault)
    result = await gateway.ask(query("entity"))
    expected = healthy("entity")
    for index, row in enumerate(expected["goods"]):
        if index not in present:
            row.update(dict.fromkeys(fields_of("p1")))
    assert result["data"] == expected
    if name in WRONG_NUMBER:
        assert errors_of(result) == [("SUBGRAPH_MALFORMED_RESPONSE", ["goods"])]
        assert result["errors"][0]["extensions"]["serviceName"] == "stock"
    assert {code for code, _ in errors_of(result)} <= LOST

    gateway.fault = None
    assert await gateway.ask(query("entity")) == {"data": healthy("entity")}


@pytest.mark.parametrize("name", FAULTS)
async def test_products_without_their_required_entity_go_with_a_coded_error(
    gateway: Setup, name: str
) -> None:
    fault, present = FAULTS[name]
    gateway.fault = changes(fault)
    result = await gateway.ask("{ title goods: products { name sum: total } }")
    assert result["data"] == {
        "title": "All",
        "goods": [
            {"name": f"Product {index + 1}", "sum": 100 * (index + 1)} if index in present else None
            for index in range(3)
        ],
    }
    codes = {code for code, _ in errors_of(result)}
    assert codes <= LOST
    assert bool(codes) == (len(present) < 3)


async def test_rows_in_another_order_are_never_mixed_with_each_other(gateway: Setup) -> None:
    """Nothing says whose a row is, but each stays whole, and other subgraphs' fields stay."""
    gateway.fault = changes(items(lambda rows: rows[::-1]))
    result = await gateway.ask(query("entity"))
    whole = [fields_of(f"p{number}") for number in (1, 2, 3)]
    for number, row in enumerate(result["data"]["goods"], start=1):
        assert (row["name"], row["stars"]) == (f"Product {number}", number + 2)
        assert {key: row[key] for key in whole[0]} in whole


async def test_a_row_of_another_type_does_not_change_what_the_product_is(gateway: Setup) -> None:
    def change(exchange: Exchange) -> None:
        for row in exchange.rows:
            row["__typename"] = "Depot"

    gateway.fault = changes(change)
    result = await gateway.ask(query("entity", "type: __typename"))
    expected = healthy("entity")
    for row in expected["goods"]:
        row["type"] = "Product"
    assert result["data"] == expected


async def test_a_row_cannot_overwrite_what_other_subgraphs_answered(gateway: Setup) -> None:
    def change(exchange: Exchange) -> None:
        for row in exchange.rows:
            row.update({"id": "p3", "name": "stolen", "stars": 0})

    gateway.fault = changes(change)
    assert await gateway.ask(query("entity")) == {"data": healthy("entity")}


async def test_an_entity_at_two_places_is_lost_at_both(gateway: Setup) -> None:
    def change(exchange: Exchange) -> None:
        for rows in exchange.answer["data"].values():
            rows[0] = None

    gateway.fault = changes(change)
    result = await gateway.ask("{ a: products { label } b: products { named: label } }")
    labels = [None, "label of p2", "label of p3"]
    assert result["data"] == {
        "a": [{"label": text} for text in labels],
        "b": [{"named": text} for text in labels],
    }


async def test_lists_of_entities_in_one_request_are_lost_each_for_itself(gateway: Setup) -> None:
    """Both places ask the stock in one request, under a key for each."""

    def change(exchange: Exchange) -> None:
        first, second = exchange.answer["data"].values()
        first[:] = [None] * 3
        second[0] = None

    gateway.fault = changes(change)
    result = await gateway.ask("{ a: products { label } b: products { named: label } }")
    labels = {
        tuple(row["label"] for row in result["data"]["a"]),
        tuple(row["named"] for row in result["data"]["b"]),
    }
    assert labels == {(None, None, None), (None, "label of p2", "label of p3")}


async def test_a_lost_entity_is_asked_for_again_by_the_next_request(gateway: Setup) -> None:
    """Nothing is kept across requests, failures least of all."""
    gateway.fault = changes(instead([]))
    await gateway.ask("{ products { label } }")
    gateway.fault = None
    result = await gateway.ask("{ products { label } }")
    assert [row["label"] for row in result["data"]["products"]] == [
        f"label of p{number}" for number in (1, 2, 3)
    ]
    key = response_key(gateway.stock.requests[-1].query, "label")
    assert key == "label"
