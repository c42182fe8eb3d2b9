"""Headers that travel in the payload of `connection_init`.

A browser cannot set headers on a WebSocket, so clients send them as members of the payload, flat or
under "headers". They stand beside those of the handshake, which win where both have one: what a
proxy has put there is not the client's to change.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["init_headers"]

#: RFC 9110, 5.6.2 and 5.5: anything else could break out of a header when it is forwarded.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def init_headers(payload: Mapping[str, Any]) -> dict[str, str]:
    """The members that can be headers, names in lower case; all others are ignored."""
    nested = payload.get("headers")
    headers = dict(_valid(payload))
    if isinstance(nested, dict):
        headers.update(_valid(nested))
    return headers


def _valid(members: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in members.items():
        if isinstance(value, str) and _NAME.fullmatch(name) and _VALUE.fullmatch(value):
            yield name.lower(), value.strip()
