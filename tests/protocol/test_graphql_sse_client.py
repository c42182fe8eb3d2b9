"""graphql-sse's client from npm in both modes, with the gateway and graphql-sse's own handler."""

from typing import Any

import pytest

from tests.protocol.processes import Server, run_client

#: Often enough to stand between any two results.
SETTINGS = {"subscriptions": {"heartbeat_seconds": 0.02}}
HELLO = {"data": {"hello": "world"}}
RESERVED, OPENED, TAKEN = ["PUT", 201, "answer"], ["GET", 200, "stream"], ["POST", 202, "answer"]
STREAMED, STOPPED = ["POST", 200, "stream"], ["DELETE", 200, "answer"]


@pytest.fixture(scope="module", params=["distinct", "single"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def results(server: Server, mode: str) -> dict[str, Any]:
    return run_client("graphql_sse", server.url, mode)


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("query", [HELLO]),
        ("subscription", [{"data": {"count": number}} for number in range(3)]),
        ("headers", [{"data": {"caller": "Bearer x"}}]),
    ],
)
def test_one_operation(results: dict[str, Any], mode: str, scenario: str, expected: Any) -> None:
    asked = [STREAMED] if mode == "distinct" else [RESERVED, OPENED, TAKEN]
    assert results[scenario] == {"results": expected, "asked": asked}


def test_a_mutation(results: dict[str, Any]) -> None:
    assert results["mutation"]["results"] == 5


def test_several_at_once(results: dict[str, Any], mode: str) -> None:
    assert results["several_at_once"]["results"] == list(range(1, 21))
    expected = [STREAMED] * 20 if mode == "distinct" else [RESERVED, OPENED, *[TAKEN] * 20]
    assert results["several_at_once"]["asked"] == expected


def test_the_client_stops_a_subscription(results: dict[str, Any], mode: str) -> None:
    outcome = results["completed_by_the_client"]
    assert outcome["results"] == [{"data": {"forever": 1}}, HELLO]
    if mode == "single":
        assert outcome["asked"].count(STOPPED) == 1


def test_the_client_reconnects(results: dict[str, Any], mode: str) -> None:
    asked = [STREAMED] if mode == "distinct" else [RESERVED, OPENED, TAKEN]
    outcome = results["reconnect"]
    assert outcome["results"] == [{"forever": 1}, {"forever": 1}]
    assert [item for item in outcome["asked"] if item != STOPPED] == asked * 2


def test_an_invalid_operation(results: dict[str, Any], mode: str) -> None:
    """An event where it has a connection of its own, and a refusal where it has not."""
    outcome = results["error"]
    if mode == "distinct":
        (message,) = outcome["results"]
    else:
        assert outcome["results"] == "NetworkError"
        method, status, answer = outcome["asked"][-1]
        assert (method, status) == ("POST", 400)
        message = answer["errors"][0]["message"]
    assert message.startswith("Cannot query field")
