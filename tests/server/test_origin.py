"""Which pages may open a WebSocket, and which members of connection_init are headers."""

import pytest

from supergraph.server.init_headers import init_headers
from supergraph.server.origin import is_origin_allowed


@pytest.mark.parametrize(
    ("origin", "host", "allowed", "expected"),
    [
        (None, "api.example", (), True),
        ("https://api.example", "api.example", (), True),
        ("https://API.example:443", "api.example", (), True),
        ("http://localhost:4000", "localhost:4000", (), True),
        ("http://[::1]:4000", "[::1]:4000", (), True),
        ("http://localhost:3000", "localhost:4000", (), False),
        ("https://api.example.evil", "api.example", (), False),
        ("https://api.example@evil.example", "api.example", (), False),
        ("null", "api.example", (), False),
        ("", "api.example", (), False),
        ("", "", (), False),
        ("https://api.example", None, (), False),
        ("https://app.example", "api.example", ("https://app.example",), True),
        ("http://app.example", "api.example", ("https://app.example",), False),
        ("null", "api.example", ("*",), True),
        ("http://[", "[", (), False),
        ("http://a:99999", "a:99999", (), False),
    ],
)
def test_origins(
    origin: str | None, host: str | None, allowed: tuple[str, ...], expected: bool
) -> None:
    assert is_origin_allowed(origin, host, allowed) is expected


def test_headers_stand_flat_or_nested_and_nested_ones_win() -> None:
    payload = {
        "Authorization": "flat",
        "X-Tenant": " acme ",
        "headers": {"authorization": "nested"},
        "retries": 3,
        "in valid": "x",
        "x-split": "a\r\nb: c",
        "x-not-latin": "\u20ac",
    }

    assert init_headers(payload) == {"authorization": "nested", "x-tenant": "acme"}
