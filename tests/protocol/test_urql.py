"""urql's core from npm, by every transport it knows, with the gateway and a reference server."""

from typing import Any

import pytest

from tests.kit.servers import require_binary
from tests.protocol import processes
from tests.protocol.processes import Server, run_client

#: Often enough to stand between any two results.
SETTINGS = {"subscriptions": {"heartbeat_seconds": 0.02}}


@pytest.fixture(scope="module")
def results(server: Server) -> dict[str, Any]:
    with require_binary("node"):
        return run_client("urql", server)


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
    with processes.gateway({}) as calm, require_binary("node"):
        results = run_client("urql", calm)

    assert results["subscription_in_parts"] == [{"count": number} for number in range(3)]
