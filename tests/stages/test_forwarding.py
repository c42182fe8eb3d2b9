"""Which of the client's headers subgraphs see."""

from supergraph.config.gateway import GatewayConfig, HeaderConfig
from supergraph.stages.execute import execution_policy, forwarded_headers

CLIENT = {"authorization": "Bearer x", "cookie": "a=b", "host": "gateway", "origin": "http://page"}


def forwarded(*allowed: str) -> dict[str, str]:
    policy = execution_policy(GatewayConfig(headers=HeaderConfig(forward=allowed)))
    return forwarded_headers(CLIENT, policy.forwarded)


def test_nothing_is_forwarded_by_default() -> None:
    assert forwarded() == {}


def test_listed_headers_are_forwarded_whatever_their_case() -> None:
    assert forwarded("Authorization", "x-other") == {"authorization": "Bearer x"}


def test_headers_of_the_connection_are_never_forwarded() -> None:
    assert forwarded("host", "origin", "cookie") == {"cookie": "a=b"}
