"""Server-sent events, read: bytes in any segments become events.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation, with
one difference: an event with a name and no data counts, because some servers end a subscription
with one. What the stream ends in the middle of is no event.
"""

from supergraph.records import record

__all__ = ["EventStreamReader", "EventTooLargeError", "ServerSentEvent"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLargeError(Exception):
    """What is to be one event is over its limit."""


@record
class ServerSentEvent:
    """`data` has its lines joined; `id` is the last one that the stream had, and may be empty."""

    name: str
    data: bytes
    id: str


class EventStreamReader:
    """Lines end with CR, LF or both; `comments` counts the lines that are nothing else."""

    def __init__(self, event_bytes_max: int) -> None:
        self.comments = 0
        self._event_bytes_max = event_bytes_max
        self._line: list[bytes] = []
        self._line_bytes = 0
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._name = ""
        self._id = ""
        self._is_first_line = True
        self._skips_line_feed = False

    def feed(self, segment: bytes) -> list[ServerSentEvent]:
        """The events that end within the segment; raises `EventTooLargeError`."""
        events: list[ServerSentEvent] = []
        if not segment:
            return events
        if self._skips_line_feed:
            segment = segment.removeprefix(b"\n")
        for piece in segment.splitlines(keepends=True):
            line = piece.rstrip(b"\r\n")
            self._line.append(line)
            self._line_bytes += len(line)
            if self._line_bytes + self._data_bytes > self._event_bytes_max:
                raise EventTooLargeError(f"an event of over {self._event_bytes_max} bytes")
            if len(line) == len(piece):
                break
            event = self._end_line()
            if event is not None:
                events.append(event)
        # A CR ends the line at once; the LF that may belong to it is still to come.
        self._skips_line_feed = segment.endswith(b"\r")
        return events

    def _end_line(self) -> ServerSentEvent | None:
        line = b"".join(self._line)
        self._line = []
        self._line_bytes = 0
        if self._is_first_line:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._is_first_line = False
        if not line:
            return self._end_event()
        name, separator, value = line.partition(b":")
        if separator and not name:
            self.comments += 1
        else:
            self._take(name, value.removeprefix(b" "))
        return None

    def _take(self, name: bytes, value: bytes) -> None:
        if name == b"data":
            self._data.append(value)
            self._data_bytes += len(value) + 1
        elif name == b"event":
            self._name = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")

    def _end_event(self) -> ServerSentEvent | None:
        name, data = self._name, b"\n".join(self._data)
        is_event = bool(name or self._data)
        self._name = ""
        self._data = []
        self._data_bytes = 0
        return ServerSentEvent(name or "message", data, self._id) if is_event else None
