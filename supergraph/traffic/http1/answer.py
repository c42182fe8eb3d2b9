"""Bytes of a connection into an answer, within limits; no I/O.

The outcome is a function of the bytes alone: how they are cut into segments changes nothing. That
is why bytes are parsed in stretches that end at fixed offsets. At the end of each, the final head
or a byte of the body must have come since the last: a stretch without is headers, trailers or
chunk extensions without end.
"""

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from supergraph.traffic.http1.content_coding import decode_body
from supergraph.traffic.http1.errors import (
    AnswerTooLargeError,
    ClosedEarlyError,
    Http1Error,
    NotHttpError,
)
from supergraph.traffic.http1.whole_answer import Answer, read_whole_answer

__all__ = ["Answer", "AnswerReader"]

_FRAMING_HEADERS = frozenset({b"content-length", b"content-encoding", b"transfer-encoding"})


class AnswerReader:
    """Reads one answer after another; `begin` before each.

    `outcome` is None until it is known, and then stays; `keeps_alive` says with it whether another
    answer may follow. The `on_…` methods are httptools' callbacks.
    """

    def __init__(self, head_bytes_max: int, body_bytes_max: int) -> None:
        self.outcome: Answer | Http1Error | None = None
        self.keeps_alive = False
        self._head_bytes_max = head_bytes_max
        self._body_bytes_max = body_bytes_max
        self._parser = HttpResponseParser(self)
        self._is_begun = False

    def begin(self) -> None:
        """Forget the last answer."""
        self.outcome = None
        self.keeps_alive = False
        self._is_begun = False

    def feed(self, data: bytes) -> None:
        """Read what came."""
        if not self._is_begun:
            answer = read_whole_answer(data, self._head_bytes_max, self._body_bytes_max)
            if answer is not None and self.outcome is None:
                self.outcome = answer
                self.keeps_alive = True
                return
            self._begin_parsing()
        if len(data) < self._stretch_left:
            self._stretch_left -= len(data)
            self._parse(data)
            return
        rest = memoryview(data)
        while rest and self.outcome is None:
            stretch = rest[: self._stretch_left]
            rest = rest[len(stretch) :]
            self._stretch_left -= len(stretch)
            self._parse(stretch)
            if not self._stretch_left:
                self._end_stretch()
        if rest:
            self.keeps_alive = False

    def finish(self) -> None:
        """The connection has ended, which is how some answers end."""
        if self.outcome is None:
            if self._is_begun and self._ends_with_connection:
                self._complete()
            else:
                self._fail(ClosedEarlyError("the connection was closed"))
        self.keeps_alive = False

    def _begin_parsing(self) -> None:
        self._is_begun = True
        self._status = 0
        self._headers: dict[bytes, bytes] = {}
        self._chunks: list[bytes] = []
        self._body_bytes = 0
        self._is_in_body = False
        self._ends_with_connection = False
        self._stretch_left = self._head_bytes_max
        self._has_progress = False

    def on_message_begin(self) -> None:
        """Note an answer that nobody asked for, right behind ours."""
        if self.outcome is not None:
            self.keeps_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep what says how the body is sent; trailers say nothing of the kind."""
        key = name.lower()
        if key in _FRAMING_HEADERS and not self._is_in_body:
            before = self._headers.get(key)
            self._headers[key] = value if before is None else before + b"," + value

    def on_headers_complete(self) -> None:
        """Judge the head; informational ones (1xx) are passed over."""
        if self.outcome is not None:
            return
        status = self._parser.get_status_code()
        if status == 101:
            self._fail(NotHttpError("the protocol was switched"))
            return
        if status < 200:
            self._headers = {}
            return
        self._status = status
        self._is_in_body = self._has_progress = True
        length = self._headers.get(b"content-length")
        coding = self._headers.get(b"transfer-encoding")
        if length is not None and int(length) > self._body_bytes_max:
            self._fail(AnswerTooLargeError(f"over {self._body_bytes_max} bytes"))
        elif coding is not None and coding.strip().lower() != b"chunked":
            self._fail(NotHttpError("the body is in a transfer coding that was not asked for"))
        self._ends_with_connection = length is None and coding is None

    def on_body(self, chunk: bytes) -> None:
        """Collect the body, up to its limit."""
        if self.outcome is not None:
            return
        self._has_progress = True
        self._chunks.append(chunk)
        self._body_bytes += len(chunk)
        if self._body_bytes > self._body_bytes_max:
            self._fail(AnswerTooLargeError(f"over {self._body_bytes_max} bytes"))

    def on_message_complete(self) -> None:
        """The final answer is whole, unless this was an informational one."""
        if self.outcome is None and self._is_in_body:
            self.keeps_alive = self._parser.should_keep_alive()
            self._complete()

    def _complete(self) -> None:
        chunks = self._chunks
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        coding = self._headers.get(b"content-encoding")
        if coding is not None:
            try:
                body = decode_body(body, coding, self._body_bytes_max)
            except Http1Error as error:
                self._fail(error)
                return
        self.outcome = Answer(self._status, body)

    def _parse(self, data: bytes | memoryview) -> None:
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            # Behind a whole answer it is noise that only costs the connection.
            self._fail(NotHttpError(str(error)))

    def _end_stretch(self) -> None:
        if not self._has_progress:
            self._fail(AnswerTooLargeError(f"a head of over {self._head_bytes_max} bytes"))
        self._has_progress = False
        self._stretch_left = self._head_bytes_max

    def _fail(self, error: Http1Error) -> None:
        self.keeps_alive = False
        if self.outcome is None:
            self.outcome = error
            self._chunks = []
