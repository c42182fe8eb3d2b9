"""GraphQL over server-sent events.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md and
https://html.spec.whatwg.org/multipage/server-sent-events.html. Payloads are JSON without line
breaks, as JSON encoders write it.
"""

from typing import Final

__all__ = [
    "COMPLETE",
    "CONTENT_TYPE",
    "HEARTBEAT",
    "come_back",
    "complete_event",
    "next_event",
    "operation_event",
]

CONTENT_TYPE: Final = "text/event-stream"
#: A comment: the client sees nothing, proxies see that the connection is used.
HEARTBEAT = b":\n\n"
#: The empty data stays: without it a browser's EventSource fires no event.
COMPLETE = b"event: complete\ndata: \n\n"


def next_event(payload: bytes, event_id: str | None = None) -> bytes:
    """A result; the id is what a client sends back as `Last-Event-ID` to go on after it."""
    if event_id is None:
        return b"event: next\ndata: " + payload + b"\n\n"
    return b"id: " + event_id.encode() + b"\nevent: next\ndata: " + payload + b"\n\n"


def come_back(milliseconds: int) -> bytes:
    """How long a client should wait before it connects again when the stream ends after this."""
    return b"retry: %d\n\n" % milliseconds


def operation_event(operation_id: bytes, payload: bytes) -> bytes:
    """A result of one of several operations on a connection; `operation_id` is a JSON string."""
    return b'event: next\ndata: {"id":' + operation_id + b',"payload":' + payload + b"}\n\n"


def complete_event(operation_id: bytes) -> bytes:
    """The end of one of several operations on a connection; `operation_id` is a JSON string."""
    return b'event: complete\ndata: {"id":' + operation_id + b"}\n\n"
