"""Addresses into targets, and heads that nothing can be smuggled into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supergraph.traffic.http1.errors import InvalidHeaderError
from supergraph.traffic.http1.head import RequestHead
from supergraph.traffic.http1.target import Target, parse_target

HEAD = RequestHead(parse_target("http://users/graphql"), {"accept": "application/json"})


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("http://users", Target("users", 80, "users", "/")),
        ("http://users:80/graphql", Target("users", 80, "users", "/graphql")),
        ("http://users:4001/graphql", Target("users", 4001, "users:4001", "/graphql")),
        ("https://users/q?a=b#c", Target("users", 443, "users", "/q?a=b", is_tls=True)),
        ("https://users:80/", Target("users", 80, "users:80", "/", is_tls=True)),
        ("http://[::1]:4001/graphql", Target("::1", 4001, "[::1]:4001", "/graphql")),
        ("http://[::1]/graphql", Target("::1", 80, "[::1]", "/graphql")),
        ("http://bücher/ü b", Target("xn--bcher-kva", 80, "xn--bcher-kva", "/%C3%BC%20b")),
        ("http://users/a%20b", Target("users", 80, "users", "/a%20b")),
        (
            "unix:/run/users.sock:/query",
            Target("localhost", 0, "localhost", "/query", unix_path="/run/users.sock"),
        ),
        (
            "unix:/run/users.sock",
            Target("localhost", 0, "localhost", "/graphql", unix_path="/run/users.sock"),
        ),
    ],
)
def test_an_address_is_read(address: str, target: Target) -> None:
    assert parse_target(address) == target


@pytest.mark.parametrize(
    "address",
    [
        *("ftp://users", "users", "http://", "http://:80", "http://users:99999", "http://u:x"),
        *("http://ada:secret@users", "unix:relative.sock", "unix:", "http://a b/", "http://[::1"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_target(address)


def test_a_head_has_every_header_once() -> None:
    assert HEAD.render(7, {"x-a": "1", "x-b": "é"}).decode("latin-1").split("\r\n") == [
        "POST /graphql HTTP/1.1",
        "host: users",
        "accept: application/json",
        "content-length: 7",
        "x-a: 1",
        "x-b: é",
        "",
        "",
    ]


@pytest.mark.parametrize(
    "headers",
    [
        *({"x": "a\r\nx-admin: 1"}, {"x": "a\n"}, {"x": "a\r"}, {"x": "a\0"}, {"x": "€"}),
        *({"": "a"}, {"x y": "a"}, {"x:": "a"}, {"x\r\ny": "a"}, {"x\n": "a"}, {"ü": "a"}),
    ],
)
def test_a_header_that_would_end_its_line_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidHeaderError) as caught:
        HEAD.render(0, headers)
    assert "admin" not in str(caught.value)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=10), max_size=3))
def test_whatever_is_forwarded_is_a_line_each(headers: dict[str, str]) -> None:
    try:
        head = HEAD.render(0, headers)
    except InvalidHeaderError:
        return
    lines = head.split(b"\r\n")
    assert len(lines) == 6 + len(headers)
    assert head.endswith(b"\r\n\r\n")
    assert not any(byte in line for line in lines for byte in (b"\r", b"\n", b"\0"))
