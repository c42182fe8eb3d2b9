"""Subscriptions of one subgraph over streamed answers: server-sent events or multipart parts.

Each is a request of its own. A subgraph has no way to be asked for a sign of life here; so one
that has shown some by itself is expected to go on with it, and is lost when it does not.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing

from msgspec import structs

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.protocols.event_stream_reader import EventTooLargeError
from supergraph.protocols.result_stream import (
    FINISHED,
    NotAResultError,
    ResultStream,
    StreamItem,
    media_type_of,
    result_stream,
)
from supergraph.traffic.failure import failure
from supergraph.traffic.reply import read_reply, reply_from_json
from supergraph.traffic.response_stream import PASSING_STATUSES, OpenStream, ResponseStream
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.stream_opening import StreamOpening
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest

__all__ = ["StreamSubscriptions"]

#: One sign of life may be there to open the stream only; a second one promises more.
SIGNS_THAT_PROMISE = 2


class StreamSubscriptions:
    """`accept` is the media type to ask for; what comes decides how it is read."""

    def __init__(
        self,
        name: SubgraphName,
        open_stream: OpenStream,
        settings: TransportSettings,
        accept: str,
        silence_seconds: float,
    ) -> None:
        self._name = name
        self._settings = settings
        self._accept = accept
        self._silence_seconds = silence_seconds
        self._opening = StreamOpening(name, open_stream, settings.response_bytes_max)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield the results of a subscription; closing the generator closes its connection.

        Raises `SubgraphError` when it is not opened in the request's time, and when it is lost. An
        answer that is no stream is one reply, or the error that it amounts to.
        """
        async with AsyncExitStack() as stack:
            stream, reader = await self._opened(stack, request)
            if isinstance(reader, SubgraphReply):
                yield reader
                return
            items = await stack.enter_async_context(aclosing(self._items(stream, reader)))
            async for item in items:
                if item == FINISHED:
                    return
                reply = reply_from_json(item.payload, self._name)
                yield structs.replace(reply, event_id=item.id) if _fits_header(item.id) else reply

    async def close(self) -> None:
        """Close every stream; subscriptions that still run are lost."""
        await self._opening.close()

    async def _opened(
        self, stack: AsyncExitStack, request: SubgraphRequest
    ) -> tuple[ResponseStream, ResultStream | SubgraphReply]:
        """The answer with its reader, or with the only reply that it holds."""
        headers = {"accept": self._accept}
        if request.resume_after is not None and _fits_header(request.resume_after):
            headers["last-event-id"] = request.resume_after
        try:
            async with asyncio.timeout(request.timeout_seconds):
                stream = await stack.enter_async_context(self._opening.opened(request, headers))
                reader = None
                if stream.status == 200:
                    reader = result_stream(stream.content_type, self._settings.response_bytes_max)
                return stream, reader or await self._only_reply(stream)
        except TimeoutError as error:
            what = "did not open a subscription in time"
            raise failure(self._name, codes.SUBGRAPH_TIMEOUT, what, may_pass=True) from error

    async def _only_reply(self, stream: ResponseStream) -> SubgraphReply:
        media_type = media_type_of(stream.content_type)
        if stream.status == 200 and not media_type.endswith("json"):
            what = f"answered with {media_type or 'an unnamed type'} instead of a stream"
            raise failure(self._name, codes.SUBGRAPH_MALFORMED_RESPONSE, what)
        body = await self._opening.whole_body(stream)
        try:
            return read_reply(body, stream.status, self._name)
        except SubgraphError as error:
            error.may_pass = stream.status in PASSING_STATUSES
            raise

    async def _items(
        self, stream: ResponseStream, reader: ResultStream
    ) -> AsyncGenerator[StreamItem, None]:
        try:
            while segment := await self._segment(stream, reader):
                for item in reader.feed(segment):
                    yield item
        except TimeoutError as error:
            raise self._lost("the subgraph fell silent") from error
        except OSError as error:
            raise self._lost("the connection broke") from error
        except EventTooLargeError as error:
            code = codes.SUBGRAPH_RESPONSE_TOO_LARGE
            raise failure(self._name, code, f"sent {error}", was_open=True) from error
        except NotAResultError as error:
            code = codes.SUBGRAPH_MALFORMED_RESPONSE
            raise failure(self._name, code, f"sent {error}", was_open=True) from error
        raise self._lost("the stream ended without being complete")

    async def _segment(self, stream: ResponseStream, reader: ResultStream) -> bytes:
        is_promised = reader.signs_of_life >= SIGNS_THAT_PROMISE
        async with asyncio.timeout(self._silence_seconds if is_promised else None):
            return await stream.read()

    def _lost(self, why: str) -> SubgraphError:
        code, what = codes.SUBGRAPH_SUBSCRIPTION_FAILED, f"lost a subscription: {why}"
        return failure(self._name, code, what, was_open=True, may_pass=True)


def _fits_header(event_id: str | None) -> bool:
    """Whether a stream can be asked to go on after it: what is no header value never comes back."""
    return event_id is not None and event_id.isascii() and event_id.isprintable()
