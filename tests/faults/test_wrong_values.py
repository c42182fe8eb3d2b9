"""Values of a subgraph that do not fit: each costs the nearest nullable place, and says so.

The first of three rows is wrong; the others, and everything of other subgraphs, stay.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.graph import fields_of, healthy, query, response_key, untouched
from tests.faults.misbehaving_subgraph import Exchange, Setup, changes

INVALID = "INVALID_SUBGRAPH_VALUE"
NULL = "UNEXPECTED_NULL"
LISTS = {"root": "stores", "entity": "goods"}
BIG = 2**200
DEEP: Any = "end"
for _ in range(300):
    DEEP = [DEEP]


@dataclass(frozen=True)
class Wrong:
    """What a field of the first row holds, what the client gets of it, and why (code and path)."""

    field: str
    sent: Any
    got: Any = None
    code: str | None = None
    path: tuple[str | int, ...] = ()


def invalid(field: str, *sent: Any) -> list[Wrong]:
    """Values that cost the field itself."""
    return [Wrong(field, value, None, INVALID) for value in sent]


def passes(field: str, *sent: Any) -> list[Wrong]:
    """Values that reach the client as they are, odd as they may be."""
    return [Wrong(field, value, value) for value in sent]


VALUES = [
    *invalid("count", "3", 3.5, True, [3], {"value": 3}, []),
    *passes("count", None, 0, -1, 2**31, 2**63, BIG),
    *invalid("weight", "1.5", False, [1.5], {}),
    *passes("weight", None, 7, 1e308, 5e-324, BIG),
    *invalid("label", 7, 1.5, True, ["x"], {"text": "x"}),
    *passes("label", None, "", "null", "\u2028\x00\x1f \U0001f600", "x" * 100_000),
    *invalid("code", 1.5, True, ["c"], {"id": "c"}),
    *passes("code", None, 7, "", BIG),
    *invalid("open", 1, 0, "true", [True], {}),
    *passes("open", None, False),
    # --- an enum: unknown, hidden, of another type
    *invalid("state", "SECRET", "PURPLE", "full", "", 1, True, ["FULL"], {"FULL": 1}),
    *passes("state", None, "EMPTY"),
    # --- an object
    *invalid("shelf", 7, "shelf", True, [], [{"no": 1}]),
    Wrong("shelf", None, None),
    Wrong("shelf", {}, None, NULL, ("no",)),
    Wrong("shelf", {"no": None, "who": None}, None, NULL, ("no",)),
    Wrong("shelf", {"no": "1", "who": None}, None, INVALID, ("no",)),
    Wrong("shelf", {"no": {}, "who": None}, None, INVALID, ("no",)),
    Wrong("shelf", {"no": 4}, {"no": 4, "who": None}),
    Wrong("shelf", {"no": 4, "who": "me"}, {"no": 4, "who": None}, INVALID, ("who",)),
    Wrong("shelf", {"no": 4, "who": {}}, {"no": 4, "who": None}, NULL, ("who", "called")),
    Wrong("shelf", {"no": 4, "who": None, "spare": "stays here"}, {"no": 4, "who": None}),
    # --- a list of required leaves
    *invalid("tags", "tag", 7, True, {"0": "tag"}),
    *passes("tags", None, [], ["a", "a"]),
    Wrong("tags", ["a", None, "c"], None, NULL, (1,)),
    Wrong("tags", ["a", "b", 3], None, INVALID, (2,)),
    Wrong("tags", [["a"]], None, INVALID, (0,)),
    # --- a list of objects
    *invalid("bins", "bin", 7, {"z": 1}),
    *passes("bins", None, [], [None, None], [{"z": 1}] * 3),
    Wrong("bins", [7, {"z": 2}], [None, {"z": 2}], INVALID, (0,)),
    Wrong("bins", [{"z": 1}, [{"z": 2}]], [{"z": 1}, None], INVALID, (1,)),
    Wrong("bins", [{"z": None}, {"z": 2}], [None, {"z": 2}], NULL, (0, "z")),
    Wrong("bins", [{"z": 1}, {}], [{"z": 1}, None], NULL, (1, "z")),
    Wrong("bins", [{"z": 1}, {"z": [1]}], [{"z": 1}, None], INVALID, (1, "z")),
    # --- an abstract type
    *invalid("kin", "Crate", 7, [], [{"__typename": "Crate"}]),
    *invalid("kin", {"c": 1}, {"__typename": None}, {"__typename": 7}),
    *invalid("kin", {"__typename": ["Crate"]}, {"__typename": {"name": "Crate"}}),
    *invalid("kin", {"__typename": "Shelf", "c": 1}, {"__typename": "Kin"}, {"__typename": ""}),
    Wrong("kin", None, None),
    Wrong("kin", {"__typename": "Pallet", "p": 5, "c": 9}, {"__typename": "Pallet", "p": 5}),
    Wrong(
        "kin",
        {"__typename": "Crate", "c": "5"},
        {"__typename": "Crate", "c": None},
        INVALID,
        ("c",),
    ),
    Wrong("kin", {"__typename": "Crate"}, {"__typename": "Crate", "c": None}),
    # --- a custom scalar means what its subgraph says it means
    *passes("raw", None, 0, -0.0, BIG, -BIG, 0.1, "", [], {}, [[None]], {"__typename": "x"}, DEEP),
]


def named(case: Wrong) -> str:
    """The case in a test's name."""
    return f"{case.field}={str(case.sent)[:40]}"


@pytest.mark.parametrize("case", VALUES, ids=named)
async def test_a_wrong_value_costs_the_nearest_nullable_place(
    gateway: Setup, place: str, case: Wrong
) -> None:
    key = response_key(query(place), case.field)
    gateway.fault = changes(lambda exchange: _put(exchange, case.field, case.sent))
    result = await gateway.ask(query(place))
    expected = healthy(place)
    expected[LISTS[place]][0][key] = case.got
    assert result["data"] == expected
    assert "SECRET" not in str(result)
    path = [LISTS[place], 0, key, *case.path]
    assert errors_of(result) == ([(case.code, path)] if case.code else [])

    gateway.fault = None
    assert await gateway.ask(query(place)) == {"data": healthy(place)}


@pytest.mark.parametrize(
    ("sent", "code"),
    [(None, NULL), ("absent", NULL), ("100", INVALID), (1.5, INVALID), ([], INVALID)],
)
async def test_a_wrong_value_in_a_required_place_takes_its_row_and_no_other(
    gateway: Setup, place: str, sent: Any, code: str
) -> None:
    gateway.fault = changes(lambda exchange: _put(exchange, "total", sent))
    result = await gateway.ask(query(place, "sum: total"))
    expected = healthy(place)
    for number, row in enumerate(expected[LISTS[place]], start=1):
        row["sum"] = number * 100
    expected[LISTS[place]][0] = None
    assert result["data"] == expected
    assert errors_of(result) == [(code, [LISTS[place], 0, "sum"])]


async def test_every_wrong_value_of_an_answer_is_told_at_its_own_place(
    gateway: Setup, place: str
) -> None:
    def change(exchange: Exchange) -> None:
        for row in exchange.rows:
            for key in row:
                row[key] = {"not": "fitting"}

    gateway.fault = changes(change)
    result = await gateway.ask(query(place))
    broken = dict.fromkeys(fields_of("p1")) | {"any": {"not": "fitting"}}
    expected = [{**row, **broken} for row in healthy(place)[LISTS[place]]]
    assert result["data"][LISTS[place]] == [{**row, "sh": None} for row in expected]
    keys = [key for key in fields_of("p1") if key != "any"]
    found = {(code, tuple(path)[:3]) for code, path in errors_of(result)}
    assert {path for _, path in found} == {
        (LISTS[place], index, key) for index in range(3) for key in keys
    }


async def test_the_last_of_two_equal_keys_counts(gateway: Setup, place: str) -> None:
    """https://www.rfc-editor.org/rfc/rfc8259#section-4 leaves it open; all peers do so."""

    def change(exchange: Exchange) -> bytes:
        return exchange.json().replace(b'"n": 1,', b'"n": 41, "n": 42,')

    gateway.fault = changes(change)
    result = await gateway.ask(query(place))
    expected = healthy(place)
    expected[LISTS[place]][0]["n"] = 42
    assert result == {"data": expected}


@pytest.mark.parametrize("sent", [7, "rows", True, {}, {"0": {}}])
async def test_root_fields_of_a_wrong_shape_are_told_at_their_place(
    gateway: Setup, sent: Any
) -> None:
    gateway.fault = changes(lambda exchange: {"data": {exchange.rows_key: sent}})
    result = await gateway.ask(query("root"))
    assert result["data"] == untouched("root")
    assert errors_of(result) == [(INVALID, ["stores"])]


@pytest.mark.parametrize("sent", [7, "row", True, []])
async def test_a_row_of_a_wrong_shape_costs_itself(gateway: Setup, sent: Any) -> None:
    def change(exchange: Exchange) -> None:
        exchange.rows[0] = sent

    gateway.fault = changes(change)
    result = await gateway.ask(query("root"))
    expected = healthy("root")
    expected["stores"][0] = None
    assert result["data"] == expected
    assert errors_of(result) == [(INVALID, ["stores", 0])]


async def test_a_null_that_reaches_the_root_leaves_no_data(gateway: Setup) -> None:
    gateway.fault = changes(lambda _exchange: {"data": {"only": None}})
    result = await gateway.ask("{ title only: main { n: count } }")
    assert result["data"] is None
    assert errors_of(result) == [(NULL, ["only"])]


@pytest.mark.parametrize("levels", [254, 255, 600, 900, 940, 950, 960, 970, 980, 1_000, 5_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["[", "{"])
async def test_a_deeply_nested_value_arrives_or_costs_its_subgraphs_fields_only(
    gateway: Setup, opening: str, closing: str, levels: int
) -> None:
    """How deep is too deep is not promised."""
    inside = "null" if closing == "}" else ""
    deep = f"{opening * levels}{inside}{closing * levels}".encode()
    gateway.fault = changes(lambda exchange: re.sub(rb'\{"of": \["p1"\]\}', deep, exchange.json()))
    whole = [{"of": [f"p{number}"]} for number in (1, 2, 3)]
    answer = await gateway.client.post(
        "/graphql",
        json={"query": "{ title a: products { raw } b: products { raw n: count } }"},
        headers={"accept": gateway.media_type},
    )
    assert answer.status_code == 200
    if levels < 900:
        assert b'"errors"' not in answer.content
        assert answer.content.count(deep) == 2
    elif b'"errors"' in answer.content:
        assert answer.json()["data"] == {
            "title": "All",
            "a": [{"raw": None}] * 3,
            "b": [{"raw": None, "n": None}] * 3,
        }
        assert errors_of(answer.json()) == [("SUBGRAPH_MALFORMED_RESPONSE", None)]
    gateway.fault = None
    result = await gateway.ask("{ products { raw } }")
    assert [row["raw"] for row in result["data"]["products"]] == whole


def errors_of(result: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """Code and path of each error, none of which names another subgraph than the stock."""
    for error in result.get("errors", []):
        assert error["message"]
        # The gateway's own findings need not name anybody.
        assert error["extensions"].get("serviceName", "stock") == "stock"
    return [(error["extensions"]["code"], error.get("path")) for error in result.get("errors", [])]


def _put(exchange: Exchange, field: str, value: Any) -> None:
    key = response_key(exchange.query, field)
    if value == "absent":
        del exchange.rows[0][key]
    else:
        exchange.rows[0][key] = value
