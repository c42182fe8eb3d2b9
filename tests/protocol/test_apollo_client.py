"""Apollo Client from npm, by every transport it knows, with the gateway and a reference server."""

from typing import Any

import pytest

CLIENT = "apollo"
#: Often enough to stand between any two results.
SETTINGS = {"subscriptions": {"heartbeat_seconds": 0.02}}
COUNTED = [{"count": number} for number in range(3)]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("query", {"hello": "world"}),
        ("mutation", 5),
        ("subscription_over_events", COUNTED),
        ("subscription_on_a_single_connection", COUNTED),
        ("subscription_over_a_socket", COUNTED),
    ],
)
def test_apollo_client(results: dict[str, Any], scenario: str, expected: Any) -> None:
    assert results[scenario] == expected


@pytest.mark.parametrize("server", ["gateway"], indirect=True)
def test_apollo_client_reads_a_subscription_in_parts(results: dict[str, Any]) -> None:
    """No reference server speaks it."""
    assert results["subscription_in_parts"] == COUNTED
    assert results["error_in_parts"] == [
        [{"breaks": 1}, None],
        [None, "CombinedGraphQLErrors"],
    ]
