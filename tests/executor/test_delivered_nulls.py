"""What was delivered as null stays null in what is delivered later."""

from typing import Any

import pytest

from supergraph.executor.delivered_nulls import DeliveredNulls
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
