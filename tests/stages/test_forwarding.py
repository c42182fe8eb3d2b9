"""Which of the client's headers subgraphs see."""

from supergraph.stages.execute import forwarded_headers

CLIENT = {"authorization": "Bearer x", "cookie": "a=b", "host": "gateway", "origin": "http://page"}


def test_nothing_is_forwarded_by_default() -> None:
    assert forwarded_headers(CLIENT, ()) == {}


def test_listed_headers_are_forwarded_whatever_their_case() -> None:
    assert forwarded_headers(CLIENT, ["Authorization", "x-other"]) == {"authorization": "Bearer x"}


def test_headers_of_the_connection_are_never_forwarded() -> None:
    assert forwarded_headers(CLIENT, ["host", "origin", "cookie"]) == {"cookie": "a=b"}
