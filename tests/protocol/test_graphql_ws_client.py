"""graphql-ws's client from npm, with the gateway and with graphql-ws's own server."""

from typing import Any

import pytest

from tests.protocol.processes import Server, run_client

CLIENT = "graphql_ws"
SETTINGS = {"websocket": {"ping_seconds": 0.5}}
HELLO = {"data": {"hello": "world"}}
FOREVER = {"data": {"forever": 1}}


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("query", [HELLO]),
        ("subscription", [{"data": {"count": number}} for number in range(3)]),
        ("several_at_once", list(range(1, 21))),
        ("pings_of_the_client", [FOREVER, True]),
        ("connection_params", [{"data": {"caller": "Bearer x"}}]),
    ],
)
def test_one_socket_is_enough_for(results: dict[str, Any], scenario: str, expected: Any) -> None:
    assert results[scenario] == {"results": expected, "sockets": 1}


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("mutation", 5),
        ("completed_by_the_client", [FOREVER, HELLO]),
        ("reconnect", [FOREVER, FOREVER]),
    ],
)
def test_the_client_gets_what_it_expects(
    results: dict[str, Any], scenario: str, expected: Any
) -> None:
    assert results[scenario]["results"] == expected


def test_an_invalid_operation_is_an_error_and_the_next_one_is_not(results: dict[str, Any]) -> None:
    messages, after = results["error"]["results"]

    assert len(messages) == 1
    assert messages[0].startswith("Cannot query field")
    assert after == [HELLO]


@pytest.mark.parametrize("server", ["gateway"], indirect=True)
def test_the_client_answers_the_servers_pings(server: Server) -> None:
    """graphql-ws's server pings below the protocol, where the client sees nothing of it."""
    results = run_client("graphql_ws_pinged", server.url)

    assert results == {"pings_of_the_server": [FOREVER, 3]}
