"""The head of a request: all but two lines of it are the same for every request to a target."""

import re
from collections.abc import Mapping

from supergraph.traffic.http1.errors import InvalidHeaderError
from supergraph.traffic.http1.target import Target

__all__ = ["RequestHead"]

# https://www.rfc-editor.org/rfc/rfc9110#section-5.5: no CR, LF or NUL, whatever a caller passes.
_is_name = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_is_value = re.compile(r"[\t\x20-\x7e\x80-\xff]*").fullmatch


class RequestHead:
    """The head of POST requests to a target, with the headers that never change."""

    def __init__(self, target: Target, headers: Mapping[str, str]) -> None:
        self._start = (
            f"POST {target.path} HTTP/1.1\r\nhost: {target.authority}\r\n".encode("ascii")
            + _lines(headers)
            + b"content-length: "
        )

    def render(self, body_bytes: int, headers: Mapping[str, str]) -> bytes:
        """The head of one request; raises `InvalidHeaderError` for what must not be sent."""
        if not headers:
            return b"%b%d\r\n\r\n" % (self._start, body_bytes)
        return b"%b%d\r\n%b\r\n" % (self._start, body_bytes, _lines(headers))


def _lines(headers: Mapping[str, str]) -> bytes:
    lines = ""
    for name, value in headers.items():
        if not _is_name(name):
            raise InvalidHeaderError("a forwarded header's name is not a token")
        if not _is_value(value):
            raise InvalidHeaderError(f"the header {name} holds a forbidden character")
        lines += f"{name}: {value}\r\n"
    return lines.encode("latin-1")
