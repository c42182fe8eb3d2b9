"""`multipart/mixed`, read: bytes in any segments become the bodies of parts.

https://www.rfc-editor.org/rfc/rfc2046#section-5.1, for parts that are JSON objects. Lenient where
servers differ: lines may end with LF alone, the first delimiter may be missing before headers, and
a delimiter may follow another with nothing between them. A part is given out as soon as its object
is whole, because some servers write the delimiter that ends it only with the next part.
"""

import re
from email.message import Message

import msgspec

from supergraph.protocols.event_stream_reader import EventTooLargeError

__all__ = ["MultipartReader", "boundary_of"]

#: Ends of segments at which a part is tried for a whole object; after that its delimiter decides.
EARLY_TRIES_MAX = 16
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_HEADERS = re.compile(rb"\s*content-[a-z-]+:", re.IGNORECASE)
_is_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def boundary_of(content_type: str) -> bytes | None:
    """The boundary that a `multipart/mixed` content type names."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    return boundary.encode("latin-1", "replace") if isinstance(boundary, str) else None


class MultipartReader:
    """`is_ended` once the last delimiter was there; what comes after it is ignored."""

    def __init__(self, boundary: bytes, part_bytes_max: int) -> None:
        self.is_ended = False
        self._delimiter = b"\n--" + boundary
        self._part_bytes_max = part_bytes_max
        # The line end is for a delimiter at the very beginning.
        self._buffer = bytearray(b"\n")
        self._is_preamble = True
        self._searched = 0
        self._begin_part()

    def feed(self, segment: bytes) -> list[bytes]:
        """The bodies that are whole now, none of them twice; raises `EventTooLargeError`."""
        bodies: list[bytes] = []
        self._buffer += segment
        while not self._sees_end():
            at = self._buffer.find(self._delimiter, self._searched)
            if (at if at >= 0 else len(self._buffer)) > self._part_bytes_max:
                raise EventTooLargeError(f"a part of over {self._part_bytes_max} bytes")
            body = self._whole(at) if at >= 0 else self._early()
            if body:
                bodies.append(body)
            if at < 0:
                self._searched = max(0, len(self._buffer) - len(self._delimiter))
                break
            del self._buffer[: at + len(self._delimiter)]
            self._is_preamble = False
            self._begin_part()
        return bodies

    def _begin_part(self) -> None:
        self._searched = 0
        self._body_at: int | None = None
        self._early_tries = 0
        self._is_taken = False

    def _sees_end(self) -> bool:
        if not self._is_preamble and self._buffer.startswith(b"--"):
            self.is_ended = True
        if self.is_ended:
            self._buffer.clear()
        return self.is_ended

    def _whole(self, end: int) -> bytes | None:
        """The body of a part whose delimiter is there."""
        if self._is_taken or not self._find_body(end):
            return None
        return bytes(self._buffer[self._body_at : end]).strip()

    def _early(self) -> bytes | None:
        """The body of a part whose delimiter is not there, if it is a whole object."""
        tail = self._buffer[-1:]
        if self._is_taken or tail not in b"}\r\n" or self._early_tries >= EARLY_TRIES_MAX:
            return None
        self._early_tries += 1
        if not self._find_body(len(self._buffer)):
            return None
        body = bytes(self._buffer[self._body_at :]).strip()
        if not body.endswith(b"}"):
            return None
        try:
            _is_object(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        self._is_taken = True
        return body

    def _find_body(self, end: int) -> bool:
        if self._body_at is None:
            headers = _HEADERS.match(self._buffer) if self._is_preamble else None
            if self._is_preamble and headers is None:
                return False
            found = _END_OF_HEADERS.search(self._buffer, headers.end() if headers else 0, end)
            if found is None:
                return False
            self._body_at = found.end()
        return True
