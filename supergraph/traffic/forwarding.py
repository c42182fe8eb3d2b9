"""Which of a client's headers a subgraph gets: those that are listed, but for a few that never are.

The names are worked out once, from the configuration. Transports look at what they are handed all
the same: a second `content-length` would let one request smuggle another.
"""

from collections.abc import Iterable, Mapping

__all__ = ["NEVER_FORWARDED", "forwardable", "forwardable_names", "forwarded_headers"]

#: Headers that belong to one connection or one body, are the gateway's own, or would make a
#: subgraph take the gateway for a browser.
NEVER_FORWARDED = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def forwardable_names(listed: Iterable[str]) -> tuple[str, ...]:
    """The names on an allow-list that may be forwarded, in lower case and one order."""
    return tuple(sorted({name.lower() for name in listed} - NEVER_FORWARDED))


def forwarded_headers(headers: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Those of a client's headers, by lower-case name, that are forwarded."""
    return {name: headers[name] for name in names if name in headers}


def forwardable(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers without those that are never forwarded."""
    if NEVER_FORWARDED.isdisjoint(headers):
        return headers
    return {name: value for name, value in headers.items() if name not in NEVER_FORWARDED}
