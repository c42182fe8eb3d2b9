"""An answer of a subgraph that is read as it comes, whatever carries it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias

from supergraph.traffic.http1.errors import AnswerTooLargeError, ClosedEarlyError
from supergraph.traffic.transport import SubgraphRequest

__all__ = ["PASSING_STATUSES", "OpenStream", "ResponseStream", "whole_body"]

#: Answered by a server, or by what stands before it, that cannot serve right now.
PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


class ResponseStream(Protocol):
    """Status and content type are there; the body is still to come.

    Whoever does not read makes the subgraph wait.
    """

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def content_type(self) -> str:
        """The header as it was sent; empty when it was not."""

    async def read(self) -> bytes:
        """Some bytes; none at the end. Raises OSError when the answer is cut off or closed."""

    async def close(self) -> None:
        """Read no more, in bounded time; the subgraph sees its client go."""


#: POSTs a body with a request's headers and others. Raises OSError without a connection and
#: `Http1Error` for what is not sent, or not answered in HTTP. The caller sets the time limit.
OpenStream: TypeAlias = Callable[
    [SubgraphRequest, bytes, Mapping[str, str]], Awaitable[ResponseStream]
]


async def whole_body(stream: ResponseStream, bytes_max: int) -> bytes:
    """All of it; raises `AnswerTooLargeError`, and `ClosedEarlyError` when it is cut off."""
    body = bytearray()
    try:
        while segment := await stream.read():
            body += segment
            if len(body) > bytes_max:
                raise AnswerTooLargeError(f"over {bytes_max} bytes")
    except ConnectionError as error:
        raise ClosedEarlyError(str(error)) from error
    return bytes(body)
