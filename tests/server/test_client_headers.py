"""The headers of a request as a mapping."""

import pytest

from supergraph.server.client_headers import ClientHeaders

HEADERS = ClientHeaders(
    [
        (b"accept", b"text/html"),
        (b"cookie", b"a=1"),
        (b"accept", b"*/*"),
        (b"cookie", b"b=2"),
        (b"x-name", b"\xe9"),
    ]
)


def test_is_a_mapping_of_text() -> None:
    assert dict(HEADERS) == {"accept": "text/html, */*", "cookie": "a=1; b=2", "x-name": "\xe9"}
    assert (len(HEADERS), "x-name" in HEADERS, "X-Name" in HEADERS) == (3, True, False)
    assert (HEADERS.get("x-name"), HEADERS.get("missing"), HEADERS.get("no", "")) == ("é", None, "")
    assert dict(HEADERS) == HEADERS


def test_name_that_no_header_can_have_is_missing() -> None:
    assert HEADERS.get("日本") is None
    with pytest.raises(KeyError):
        HEADERS["日本"]


def test_values_are_not_shown() -> None:
    assert repr(HEADERS) == "<ClientHeaders accept, cookie, x-name>"
