"""What is answered to one HTTP request, before it becomes ASGI messages."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from starlette.types import Receive, Send

from supergraph.records import record
from supergraph.server.exchange import ID_HEADER

__all__ = ["Answer", "StreamedAnswer", "send_answer", "send_stream"]

#: It has neither length nor type: https://www.rfc-editor.org/rfc/rfc9110#section-8.6.
NO_CONTENT = 204


@record
class Answer:
    """A whole response; `headers` are those beyond type, length and request id."""

    body: bytes
    content_type: str
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()


@record
class StreamedAnswer:
    """A response whose body is written as it comes; closing `chunks` ends what they come from.

    `farewell` is written where the server leaves rather than the client.
    """

    chunks: AsyncGenerator[bytes, None]
    content_type: str
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    farewell: Callable[[], bytes] = bytes


async def send_answer(answer: Answer, request_id: str, send: Send) -> None:
    """Send it, with the id of the request."""
    headers = [
        (b"content-length", b"%d" % len(answer.body)),
        (b"content-type", answer.content_type.encode("latin-1")),
        (ID_HEADER, request_id.encode("latin-1")),
        *answer.headers,
    ]
    if answer.status == NO_CONTENT:
        del headers[:2]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def send_stream(
    answer: StreamedAnswer, request_id: str, receive: Receive, send: Send
) -> None:
    """Send it part by part; it ends when the client leaves, or the server."""
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [
                (b"content-type", answer.content_type.encode("latin-1")),
                (b"cache-control", b"no-cache"),
                (b"x-accel-buffering", b"no"),  # nginx would hold parts back
                (ID_HEADER, request_id.encode("latin-1")),
                *answer.headers,
            ],
        }
    )
    writing = asyncio.create_task(_write(answer.chunks, send))
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        writing.cancel()
        leaving.cancel()
        await asyncio.wait((writing, leaving))
    if not writing.cancelled():
        writing.result()
    else:  # to a client that has left, this goes nowhere
        await send({"type": "http.response.body", "body": answer.farewell()})


async def _write(chunks: AsyncGenerator[bytes, None], send: Send) -> None:
    async with aclosing(chunks):
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
