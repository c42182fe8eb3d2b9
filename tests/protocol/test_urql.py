"""urql's core from npm, by every transport it knows, with the gateway and a reference server."""

from typing import Any

import pytest

from tests.protocol import processes

CLIENT = "urql"
#: Often enough to stand between any two results.
SETTINGS = {"subscriptions": {"heartbeat_seconds": 0.02}}


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("query", {"hello": "world"}),
        ("query_by_get", {"hello": "world"}),
        ("mutation", 5),
        ("subscription_over_events", [{"count": number} for number in range(3)]),
        ("subscription_over_a_socket", [{"count": number} for number in range(3)]),
    ],
)
def test_urql(results: dict[str, Any], scenario: str, expected: Any) -> None:
    assert results[scenario] == expected


def test_urql_reads_a_subscription_in_parts() -> None:
    """Without heartbeats, which urql takes for results here; by itself it asks for events."""
    with processes.gateway({}) as calm:
        results = processes.run_client(CLIENT, calm.url)

    assert results["subscription_in_parts"] == [{"count": number} for number in range(3)]
