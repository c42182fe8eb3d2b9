"""Errors that a subgraph reports, in and out of the specification's form, beside whole data."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.faults.graph import healthy, query, response_key, untouched
from tests.faults.misbehaving_subgraph import Exchange, Setup, changes

LISTS = {"root": "stores", "entity": "goods"}
UNKNOWN = "The subgraph reported an error."
DOWNSTREAM = "DOWNSTREAM_SERVICE_ERROR"


@dataclass(frozen=True)
class Reported:
    """An entry of `errors`; LIST and FIELD in its path stand for the keys that were asked for.

    `path` is the client's: behind the list for both places, or None for the place of the whole
    fetch.
    """

    name: str
    entry: Any
    path: list[str | int] | None = None
    message: str = UNKNOWN
    extensions: dict[str, Any] = field(default_factory=dict)


def at(*path: Any) -> dict[str, Any]:
    """An error with this path."""
    return {"message": "broken", "path": list(path)}


LIST, FIELD = "LIST", "FIELD"
REPORTED = [
    Reported("no path", {"message": "broken"}, None, "broken"),
    Reported("path null", {"message": "broken", "path": None}, None, "broken"),
    Reported("path empty", at(), None, "broken"),
    Reported("path of a field", at(LIST, 1, FIELD), [1, "n"], "broken"),
    Reported("path of a row", at(LIST, 2), [2], "broken"),
    Reported("path deeper than data", at(LIST, 0, FIELD, "a", 3), [0, "n", "a", 3], "broken"),
    Reported("path to an unknown field", at(LIST, 0, "no"), [0, "no"], "broken"),
    Reported("path a string", {"message": "broken", "path": "LIST"}, None, "broken"),
    Reported("path a number", {"message": "broken", "path": 7}, None, "broken"),
    Reported("path true", {"message": "broken", "path": True}, None, "broken"),
    Reported("path an object", {"message": "broken", "path": {"a": 1}}, None, "broken"),
    Reported("path of nulls", at(None, None), None, "broken"),
    Reported("path of lists", at([LIST], [0]), None, "broken"),
    Reported("path of objects", at({}, {}), None, "broken"),
    Reported("path of floats", at(LIST, 1.5), None, "broken"),
    Reported("path of booleans", at(LIST, True), None, "broken"),
    Reported("null", None),
    Reported("a string", "broken", None, "broken"),
    Reported("a number", 7),
    Reported("a list", [{"message": "broken"}]),
    Reported("empty", {}),
    Reported("no message but a path", {"path": [LIST, 0]}, [0]),
    Reported("message a number", {"message": 7, "path": [LIST, 0]}, [0]),
    Reported("message null", {"message": None}),
    Reported("message an object", {"message": {"text": "broken"}}),
    Reported("message empty", {"message": ""}, None, ""),
    Reported("extensions a list", {"message": "m", "extensions": [1]}, None, "m"),
    Reported("extensions a string", {"message": "m", "extensions": "CODE"}, None, "m"),
    Reported("extensions null", {"message": "m", "extensions": None}, None, "m"),
    Reported("a code", {"message": "m", "extensions": {"code": "X"}}, None, "m", {"code": "X"}),
    Reported("code null", {"message": "m", "extensions": {"code": None}}, None, "m"),
    Reported("code an object", {"message": "m", "extensions": {"code": {"a": 1}}}, None, "m"),
    Reported(
        "another's name",
        {"message": "m", "extensions": {"serviceName": "catalog", "more": [1, {"a": None}]}},
        None,
        "m",
        {"more": [1, {"a": None}]},
    ),
    Reported("locations odd", {"message": "m", "locations": "here", "spare": 1}, None, "m"),
]


@pytest.mark.parametrize("case", REPORTED, ids=lambda case: case.name)
async def test_an_error_beside_data_is_told_in_the_clients_terms(
    gateway: Setup, place: str, case: Reported
) -> None:
    gateway.fault = changes(
        lambda exchange: {**exchange.answer, "errors": [_in_terms_of(exchange, case.entry)]}
    )
    result = await gateway.ask(query(place))
    assert result["data"] == healthy(place)
    [error] = result["errors"]
    assert error == {
        "message": case.message,
        **_path(place, case.path),
        "extensions": {"code": DOWNSTREAM, **case.extensions, "serviceName": "stock"},
    }

    gateway.fault = None
    assert await gateway.ask(query(place)) == {"data": healthy(place)}


@pytest.mark.parametrize("path", [[LIST, 99, FIELD], [LIST, -1], [LIST], ["no", 0], [LIST, "0"]])
async def test_a_path_into_nowhere_is_told_and_hurts_nobody(
    gateway: Setup, place: str, path: list[Any]
) -> None:
    gateway.fault = changes(
        lambda exchange: {**exchange.answer, "errors": [_in_terms_of(exchange, at(*path))]}
    )
    result = await gateway.ask(query(place))
    assert result["data"] == healthy(place)
    [error] = result["errors"]
    assert error["message"] == "broken"
    assert error["extensions"] == {"code": DOWNSTREAM, "serviceName": "stock"}
    assert "_entities" not in str(error)


@pytest.mark.parametrize("extensions", [None, 7, "x", [], {"a": {"b": [1]}}, {"code": "X"}])
async def test_extensions_of_an_answer_stay_inside(
    gateway: Setup, place: str, extensions: Any
) -> None:
    gateway.fault = changes(lambda exchange: {**exchange.answer, "extensions": extensions})
    assert await gateway.ask(query(place)) == {"data": healthy(place)}


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "500 Internal Server Error"])
async def test_a_result_counts_whatever_its_status_is(
    gateway: Setup, place: str, status: str
) -> None:
    gateway.fault = changes(lambda _exchange: None, status)
    assert await gateway.ask(query(place)) == {"data": healthy(place)}

    refusal = {"errors": [{"message": "no", "extensions": {"code": "REFUSED"}}]}
    gateway.fault = changes(lambda _exchange: refusal, status)
    result = await gateway.ask(query(place))
    assert result["data"] == untouched(place)
    assert result["errors"] == [
        {
            "message": "no",
            **_path(place, None),
            "extensions": {"code": "REFUSED", "serviceName": "stock"},
        }
    ]


async def test_a_field_that_failed_is_null_with_the_subgraphs_own_words(
    gateway: Setup, place: str
) -> None:
    def change(exchange: Exchange) -> dict[str, Any]:
        key = response_key(exchange.query, "count")
        exchange.rows[1][key] = None
        return {**exchange.answer, "errors": [at(exchange.rows_key, 1, key)]}

    gateway.fault = changes(change)
    result = await gateway.ask(query(place))
    expected = healthy(place)
    expected[LISTS[place]][1]["n"] = None
    assert result["data"] == expected
    [error] = result["errors"]
    assert error["path"] == [LISTS[place], 1, "n"]


async def test_a_required_field_that_failed_takes_its_row_with_one_error(
    gateway: Setup, place: str
) -> None:
    """The subgraph said why there is a null; the gateway adds nothing to it."""

    def change(exchange: Exchange) -> dict[str, Any]:
        key = response_key(exchange.query, "total")
        exchange.rows[1] = None  # as a subgraph completes it
        return {**exchange.answer, "errors": [at(exchange.rows_key, 1, key)]}

    gateway.fault = changes(change)
    result = await gateway.ask(query(place, "sum: total"))
    expected = healthy(place)
    for number, row in enumerate(expected[LISTS[place]], start=1):
        row["sum"] = number * 100
    expected[LISTS[place]][1] = None
    assert result["data"] == expected
    [error] = result["errors"]
    assert error["path"] == [LISTS[place], 1, "sum"]
    assert error["message"] == "broken"


async def test_an_error_of_an_entity_is_told_at_each_of_its_places(gateway: Setup) -> None:
    def change(exchange: Exchange) -> dict[str, Any]:
        key = response_key(exchange.query, "label")
        exchange.rows[0][key] = None
        return {**exchange.answer, "errors": [at(exchange.rows_key, 0, key)]}

    gateway.fault = changes(change)
    result = await gateway.ask("{ a: products { label } b: products { label } }")
    assert [row["label"] for row in result["data"]["b"]] == [None, "label of p2", "label of p3"]
    assert result["data"]["a"] == result["data"]["b"]
    paths = sorted(error["path"] for error in result["errors"])
    assert paths == [["a", 0, "label"], ["b", 0, "label"]]


async def test_errors_are_told_up_to_a_maximum_and_data_stays_whole(
    gateway: Setup, place: str
) -> None:
    many = [{"message": f"error {number}"} for number in range(20_000)]
    gateway.fault = changes(lambda exchange: {**exchange.answer, "errors": many})
    result = await gateway.ask(query(place))
    assert result["data"] == healthy(place)
    assert len(result["errors"]) == 1_000


def _in_terms_of(exchange: Exchange, entry: Any) -> Any:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), list):
        return entry
    keys = {LIST: exchange.rows_key, FIELD: response_key(exchange.query, "count")}
    path = [keys.get(item, item) if isinstance(item, str) else item for item in entry["path"]]
    return {**entry, "path": path}


def _path(place: str, path: list[str | int] | None) -> dict[str, Any]:
    if path is not None:
        return {"path": [LISTS[place], *path]}
    return {"path": ["goods"]} if place == "entity" else {}
