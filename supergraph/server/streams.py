"""Streams of answers over HTTP: a subscription's events, and the parts of one answer."""

import random
from collections.abc import AsyncGenerator
from contextlib import aclosing

from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, SupergraphError
from supergraph.executor.delivery import Delivery
from supergraph.protocols import event_stream, multipart_mixed
from supergraph.server.answer import StreamedAnswer
from supergraph.server.exchange import Exchange
from supergraph.server.negotiation import Accepted, StreamType
from supergraph.stages.respond import errors_of
from supergraph.stages.respond_in_parts import Dialect, encode_delivery, encode_failure
from supergraph.stages.subscribe import SHUTDOWN
from supergraph.subscriptions.events import Ended, Published
from supergraph.subscriptions.hub import Watching
from supergraph.telemetry.logs import logger

__all__ = [
    "answer_in_parts",
    "answer_in_stream",
    "come_back_later",
    "stream_of",
]

log = logger(__name__)

#: When clients of a gateway that shuts down connect again, at the earliest and at the latest.
COME_BACK_MILLISECONDS = (500, 5_000)
# Without quotes, which a boundary of letters does not need: gql (Python) finds it only so.
_MULTIPART_SUBSCRIPTION = multipart_mixed.content_type("subscriptionSpec=1.0").replace('"', "")
_IN_PARTS: dict[Dialect, str] = {
    "20220824": multipart_mixed.content_type("deferSpec=20220824"),
    "v0.2": multipart_mixed.content_type("incrementalSpec=v0.2"),
}


def stream_of(watching: Watching, type_: StreamType) -> StreamedAnswer:
    """A subscription's events, as they come."""
    if type_ == event_stream.CONTENT_TYPE:
        return StreamedAnswer(
            _events(watching), event_stream.CONTENT_TYPE, farewell=come_back_later
        )
    return StreamedAnswer(_parts(watching), _MULTIPART_SUBSCRIPTION, farewell=_interrupted)


def answer_in_stream(payload: bytes, accepted: Accepted) -> StreamedAnswer:
    """One answer for a client that takes streams or parts only."""
    if accepted.stream is None and accepted.incremental is not None:
        whole = payload.removesuffix(b"}") + b',"hasNext":false}'
        return StreamedAnswer(_whole(whole), _IN_PARTS[accepted.incremental])
    if accepted.stream == multipart_mixed.CONTENT_TYPE:
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
    return event_stream.come_back(random.randint(*COME_BACK_MILLISECONDS))  # noqa: S311 # no secret


def _interrupted() -> bytes:
    return multipart_mixed.interrupted_part(SHUTDOWN.errors or b"[]") + multipart_mixed.END


async def _only_event(payload: bytes) -> AsyncGenerator[bytes, None]:
    yield event_stream.next_event(payload)
    yield event_stream.COMPLETE


async def _only_part(payload: bytes) -> AsyncGenerator[bytes, None]:
    yield multipart_mixed.OPENING + multipart_mixed.event_part(payload) + multipart_mixed.END


async def _whole(payload: bytes) -> AsyncGenerator[bytes, None]:
    yield multipart_mixed.OPENING + multipart_mixed.part(payload) + multipart_mixed.END


def answer_in_parts(
    deliveries: AsyncGenerator[Delivery, None],
    dialect: Dialect,
    exchange: Exchange,
    first: Delivery | None = None,
) -> StreamedAnswer:
    """One answer in parts, each as soon as it is there; the `first` may be there already."""
    return StreamedAnswer(
        _payloads(deliveries, dialect, exchange, first), _IN_PARTS[dialect], farewell=_cut_short
    )


async def _payloads(
    deliveries: AsyncGenerator[Delivery, None],
    dialect: Dialect,
    exchange: Exchange,
    first: Delivery | None,
) -> AsyncGenerator[bytes, None]:
    said = exchange.said
    said["errors"] = 0
    try:
        async with aclosing(deliveries):
            yield multipart_mixed.OPENING
            while (delivery := first or await anext(deliveries, None)) is not None:
                first = None
                payload = encode_delivery(delivery, dialect)
                said["errors"] += delivery.error_count
                end = b"" if delivery.has_next else multipart_mixed.END
                yield multipart_mixed.part(payload) + end
    except RecursionError:
        yield multipart_mixed.part(encode_failure()) + multipart_mixed.END
    except Exception as error:  # the status has been sent: this is how a failure can be told
        code = error.code if isinstance(error, SupergraphError) else codes.INTERNAL
        said["code"] = code.name
        log.exception("request_failed", code=code.name)
        yield multipart_mixed.part(encode_failure(errors_of(error))) + multipart_mixed.END


def _cut_short() -> bytes:
    error = ClientError(codes.ANSWER_INTERRUPTED, codes.ANSWER_INTERRUPTED.meaning)
    return multipart_mixed.part(encode_failure(errors_of(error))) + multipart_mixed.END
