"""Streams of answers over HTTP: a subscription's events as their transport writes them."""

import random
from collections.abc import AsyncGenerator
from typing import Literal

from supergraph.protocols import event_stream, multipart_mixed
from supergraph.server.answer import StreamedAnswer
from supergraph.stages.subscribe import SHUTDOWN
from supergraph.subscriptions.events import Ended, Published
from supergraph.subscriptions.hub import Watching

__all__ = ["StreamType", "answer_in_stream", "come_back_later", "stream_of"]

StreamType = Literal["text/event-stream", "multipart/mixed"]

#: When clients of a gateway that shuts down connect again, at the earliest and at the latest.
COME_BACK_MILLISECONDS = (500, 5_000)
# Without quotes, which a boundary of letters does not need: gql (Python) finds it only so.
_MULTIPART_SUBSCRIPTION = multipart_mixed.content_type("subscriptionSpec=1.0").replace('"', "")


def stream_of(watching: Watching, type_: StreamType) -> StreamedAnswer:
    """A subscription's events, as they come."""
    if type_ == event_stream.CONTENT_TYPE:
        return StreamedAnswer(
            _events(watching), event_stream.CONTENT_TYPE, farewell=come_back_later
        )
    return StreamedAnswer(_parts(watching), _MULTIPART_SUBSCRIPTION, farewell=_interrupted)


def answer_in_stream(payload: bytes, type_: StreamType | None) -> StreamedAnswer:
    """One answer for a client that takes streams only."""
    if type_ == multipart_mixed.CONTENT_TYPE:
        return StreamedAnswer(_only_part(payload), _MULTIPART_SUBSCRIPTION)
    return StreamedAnswer(_only_event(payload), event_stream.CONTENT_TYPE)


async def _events(watching: Watching) -> AsyncGenerator[bytes, None]:
    async with watching:
        # The headers alone are nothing that every proxy passes on.
        yield event_stream.HEARTBEAT
        while True:
            item = await watching.get()
            if isinstance(item, Published):
                yield event_stream.next_event(item.payload, item.id)
            elif isinstance(item, Ended):
                if item.errors is not None:
                    yield event_stream.next_event(b'{"errors":' + item.errors + b"}")
                yield event_stream.COMPLETE
                return
            else:
                yield event_stream.HEARTBEAT


async def _parts(watching: Watching) -> AsyncGenerator[bytes, None]:
    async with watching:
        yield multipart_mixed.OPENING
        while True:
            item = await watching.get()
            if isinstance(item, Published):
                yield multipart_mixed.event_part(item.payload)
            elif isinstance(item, Ended):
                if item.errors is not None:
                    yield multipart_mixed.interrupted_part(item.errors)
                yield multipart_mixed.END
                return
            else:
                yield multipart_mixed.HEARTBEAT


def come_back_later() -> bytes:
    """No end of the subscription: clients connect again, and not all at the same moment."""
    return event_stream.come_back(random.randint(*COME_BACK_MILLISECONDS))  # noqa: S311


def _interrupted() -> bytes:
    return multipart_mixed.interrupted_part(SHUTDOWN.errors or b"[]") + multipart_mixed.END


async def _only_event(payload: bytes) -> AsyncGenerator[bytes, None]:
    yield event_stream.next_event(payload)
    yield event_stream.COMPLETE


async def _only_part(payload: bytes) -> AsyncGenerator[bytes, None]:
    yield multipart_mixed.OPENING + multipart_mixed.event_part(payload) + multipart_mixed.END
