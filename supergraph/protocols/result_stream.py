"""Streams of GraphQL results over HTTP, read: server-sent events and multipart parts alike.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md (distinct connections) and
https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol;
parts that are plain results, without `payload`, are taken as well.
"""

from collections.abc import Iterator
from typing import Any, Final, Literal, Protocol, TypeAlias

import msgspec

from supergraph.protocols.event_stream_reader import EventStreamReader
from supergraph.protocols.multipart_reader import MultipartReader, boundary_of
from supergraph.records import record

__all__ = [
    "ACCEPTED",
    "Finished",
    "NotAResultError",
    "Result",
    "ResultStream",
    "StreamItem",
    "media_type_of",
    "result_stream",
]

#: What to ask for, by the protocol.
ACCEPTED: Final = {
    "sse": "text/event-stream",
    "multipart": "multipart/mixed;boundary=graphql;subscriptionSpec=1.0",
}
_decode = msgspec.json.Decoder().decode


class NotAResultError(Exception):
    """An event or a part is not JSON of the protocol's form."""


@record
class Result:
    """A GraphQL result, not checked; `id` is where a stream can go on after it."""

    payload: Any
    id: str | None = None


Finished: TypeAlias = Literal["finished"]
#: Nothing follows, as the subgraph says.
FINISHED: Finished = "finished"
StreamItem: TypeAlias = Result | Finished


class ResultStream(Protocol):
    """Reads one answer. What comes only to show that somebody is there is a sign of life."""

    @property
    def signs_of_life(self) -> int:
        """How many of those came."""

    def feed(self, segment: bytes) -> Iterator[StreamItem]:
        """What ends within the segment; raises `NotAResultError` and `EventTooLargeError`."""


def result_stream(content_type: str, event_bytes_max: int) -> ResultStream | None:
    """A reader for an answer of that type; None for a type that is no stream."""
    media_type = media_type_of(content_type)
    if media_type == "text/event-stream":
        return _Events(event_bytes_max)
    boundary = boundary_of(content_type) if media_type == "multipart/mixed" else None
    return _Parts(boundary, event_bytes_max) if boundary is not None else None


def media_type_of(content_type: str) -> str:
    """The type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


class _Events:
    def __init__(self, event_bytes_max: int) -> None:
        self._reader = EventStreamReader(event_bytes_max)

    @property
    def signs_of_life(self) -> int:
        return self._reader.comments

    def feed(self, segment: bytes) -> Iterator[StreamItem]:
        for event in self._reader.feed(segment):
            if event.name == "complete":
                yield FINISHED
            elif event.name == "next":
                yield Result(_json(event.data), event.id or None)
            # Other names are not of the protocol, and a reader of events passes them over.


class _Parts:
    def __init__(self, boundary: bytes, part_bytes_max: int) -> None:
        self.signs_of_life = 0
        self._reader = MultipartReader(boundary, part_bytes_max)

    def feed(self, segment: bytes) -> Iterator[StreamItem]:
        for body in self._reader.feed(segment):
            yield from self._items(_json(body))
        if self._reader.is_ended:
            yield FINISHED

    def _items(self, part: Any) -> Iterator[StreamItem]:
        if not isinstance(part, dict):
            raise NotAResultError("a part that is no JSON object")
        payload = part.get("payload")
        if payload is not None:
            yield Result(payload)
        if part.get("errors") and "data" not in part:  # the stream failed, and says why
            yield Result({"errors": part["errors"]})
            yield FINISHED
        elif "data" in part:
            yield Result(part)
        elif payload is None:
            self.signs_of_life += 1
        if part.get("hasNext") is False:
            yield FINISHED


def _json(text: bytes) -> Any:
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAResultError("an event that is not JSON") from error
