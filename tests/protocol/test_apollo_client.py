"""Apollo Client from npm, by every transport it knows, with the gateway and a reference server."""

from typing import Any

import pytest

from tests.kit.servers import require_binary
from tests.protocol.processes import Server, run_client

#: Often enough to stand between any two results.
SETTINGS = {"subscriptions": {"heartbeat_seconds": 0.02}}
COUNTED = [{"count": number} for number in range(3)]


@pytest.fixture(scope="module")
def results(server: Server) -> dict[str, Any]:
    with require_binary("node"):
        return run_client("apollo", server)


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
