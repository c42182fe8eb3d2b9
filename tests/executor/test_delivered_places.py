"""What was delivered as null stays null in what is delivered later, and an object an object."""

from typing import Any

import pytest

from supergraph.executor.delivered_places import DeliveredNulls, DeliveredObjects
from supergraph.names import ResponsePath


@pytest.mark.parametrize(
    ("nulls", "kept"),
    [
        ([], {"a": {"b": [{"c": 1}, {"c": 2}]}}),
        ([("me", "a")], {"a": None}),
        ([("me", "a", "b", 1)], {"a": {"b": [{"c": 1}, None]}}),
        ([("me", "a", "b", 7), ("me", "x"), ("you", "a")], {"a": {"b": [{"c": 1}, {"c": 2}]}}),
        ([("me", "a"), ("me", "a", "b")], {"a": None}),
        ([("me", "a", "b"), ("me", "a")], {"a": None}),
    ],
)
def test_nulls_stay(nulls: list[ResponsePath], kept: dict[str, Any]) -> None:
    known = DeliveredNulls()
    for path in nulls:
        known.add(path)
    data = {"a": {"b": [{"c": 1}, {"c": 2}]}}
    known.keep(("me",), data)
    assert data == kept


@pytest.mark.parametrize(
    ("path", "is_there"),
    [
        ((), True),
        (("me",), True),
        (("me", "a", "b", 1), True),
        (("me", "a", "b", 2), False),
        (("me", "a", "b", 7), True),
        (("me", "x"), False),
        (("me", "x", "y", 0), False),
        (("me", "n"), False),
        (("me", "n", "z"), False),
        (("you",), False),
    ],
)
def test_objects_are_known(path: ResponsePath, is_there: bool) -> None:
    known = DeliveredObjects()
    known.add((), {"me": {"n": None}})
    known.add(("me",), {"a": {"b": [{}, {"c": 2}]}})
    known.add(("me", "a", "b", 7), {})
    assert known.has_any([("nowhere",), path]) is is_there
