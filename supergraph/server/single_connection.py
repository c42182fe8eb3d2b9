"""GraphQL over server-sent events on a single connection: its requests, and what they answer.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#single-connection-mode, with the
status codes of graphql-sse's own handler. A PUT reserves a stream and gets its token, a request
with the token that accepts events only opens it, further ones add operations, and a DELETE stops
one. Unlike that handler we choose all tokens: one that a client chose could be guessed.
"""

from urllib.parse import parse_qsl

from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, SupergraphError
from supergraph.protocols import event_stream
from supergraph.protocols.transport_ws.messages import encode_text
from supergraph.server.answer import Answer, StreamedAnswer
from supergraph.server.client_headers import ClientHeaders
from supergraph.server.exchange import Exchange
from supergraph.server.failures import failure_of, status_of
from supergraph.server.negotiation import JSON, accepts_text
from supergraph.server.reserved_streams import Operation, ReservedStream, ReservedStreams, Send
from supergraph.server.streams import come_back_later
from supergraph.stages.pipeline import RequestPipeline
from supergraph.stages.request import GraphQLRequest, PreparedOperation
from supergraph.stages.respond import encode_errors, encode_result, errors_of
from supergraph.subscriptions.events import Ended, Published
from supergraph.subscriptions.hub import Watching
from supergraph.telemetry.logs import logger

__all__ = ["TOKEN_HEADER", "SingleConnection", "stream_token"]

TOKEN_HEADER = b"x-graphql-event-stream-token"
_TEXT = "text/plain; charset=utf-8"
#: Longer than any token or operation id; longer ones are none.
PARAMETER_CHARACTERS_MAX = 1_000

log = logger(__name__)


def stream_token(query_string: bytes, headers: ClientHeaders) -> str | None:
    """The token that a request carries; an EventSource can send it in the URL only."""
    sent = headers.raw.get(TOKEN_HEADER)
    if sent is not None:
        return sent.decode("latin-1")
    return _parameter(query_string, "token") if b"token=" in query_string else None


class SingleConnection:
    """Answers to requests that reserve, open and use event streams; raises `ClientError`."""

    def __init__(self, pipeline: RequestPipeline, streams: ReservedStreams) -> None:
        self._pipeline = pipeline
        self._streams = streams

    def manage(self, method: str, token: str | None, accept: bytes, query: bytes) -> Answer:
        """Reserve a stream, or stop one of its operations."""
        return self._reserve(token, accept) if method == "PUT" else self._stop(token, query)

    def open(self, token: str) -> StreamedAnswer | None:
        """The stream itself, for who accepts events only.

        None where the token is unknown: it is a request on a connection of its own, then.
        """
        stream = self._streams.find(token)
        if stream is None:
            return None
        return StreamedAnswer(stream.open(), event_stream.CONTENT_TYPE, farewell=come_back_later)

    def found(self, token: str | None) -> ReservedStream:
        """The stream that a request is about."""
        stream = None if token is None else self._streams.find(token)
        if stream is None:
            raise ClientError(codes.EVENT_STREAM_NOT_FOUND, "There is no event stream of the token")
        return stream

    async def operate(
        self, stream: ReservedStream, request: GraphQLRequest, exchange: Exchange
    ) -> Answer:
        """Begin an operation; its results go to the stream."""
        operation = stream.place(_operation_id(request))
        try:
            prepared = await self._pipeline.prepare(request)
            exchange.said["operation"] = prepared.operation.name
            exchange.said["kind"] = prepared.kind
            if operation.is_stopped:
                return Answer(b"", _TEXT, 204)
            run = _Run(self._pipeline, operation, prepared)
        except SupergraphError as error:
            stream.leave(operation)
            return _failed(error, exchange)
        except BaseException:
            stream.leave(operation)
            raise
        stream.run(operation, run)
        return Answer(b"", _TEXT, 202)

    def _reserve(self, token: str | None, accept: bytes) -> Answer:
        """The token of a new stream is the answer."""
        if not accepts_text(accept):
            raise ClientError(codes.INVALID_ACCEPT_HEADER, "A reservation is answered as text")
        if token is not None and self._streams.find(token) is not None:
            raise ClientError(codes.EVENT_STREAM_TAKEN, "The event stream is reserved already")
        return Answer(self._streams.reserve().token.encode(), _TEXT, 201)

    def _stop(self, token: str | None, query_string: bytes) -> Answer:
        stream = self.found(token)
        operation_id = _parameter(query_string, "operationId")
        if not operation_id:
            raise ClientError(codes.MISSING_OPERATION_ID, "The parameter 'operationId' is missing")
        stream.stop(operation_id)
        return Answer(b"", _TEXT)


class _Run:
    """Sends what an operation answers; a refusal to watch comes out of the constructor."""

    def __init__(
        self, pipeline: RequestPipeline, operation: Operation, prepared: PreparedOperation
    ) -> None:
        self._pipeline = pipeline
        self._id = encode_text(operation.id).encode()
        self._prepared = prepared
        self._watching: Watching | None = None
        if prepared.kind == "subscription":
            self._watching = pipeline.watch(prepared)

    async def __call__(self, send: Send) -> None:
        """Send all results, and then that there are no more."""
        if self._watching is not None:
            await self._watch(self._watching, send)
        else:
            await self._next(await self._result(), send)
        await send(event_stream.complete_event(self._id))

    async def _watch(self, watching: Watching, send: Send) -> None:
        async with watching:
            while True:
                item = await watching.get()
                if isinstance(item, Published):
                    await self._next(item.payload, send)
                elif isinstance(item, Ended):
                    break
        if item.errors is not None:
            await self._next(b'{"errors":' + item.errors + b"}", send)

    async def _result(self) -> bytes:
        try:
            return encode_result(await self._pipeline.execute(self._prepared))
        except Exception as error:
            if not isinstance(error, ClientError):
                log.exception("request_failed")
            return encode_errors(errors_of(error))

    async def _next(self, payload: bytes, send: Send) -> None:
        await send(event_stream.operation_event(self._id, payload))


def _operation_id(request: GraphQLRequest) -> str:
    given = request.extensions.get("operationId")
    if given is None or given == "":
        raise ClientError(codes.MISSING_OPERATION_ID, "'extensions.operationId' is missing")
    if not isinstance(given, str | int) or isinstance(given, bool):
        raise ClientError(codes.INVALID_GRAPHQL_REQUEST, "'extensions.operationId' is no string")
    operation_id = str(given)
    if len(operation_id) > PARAMETER_CHARACTERS_MAX:
        message = f"'extensions.operationId' is over {PARAMETER_CHARACTERS_MAX} characters long"
        raise ClientError(codes.INVALID_GRAPHQL_REQUEST, message)
    return operation_id


def _parameter(query_string: bytes, name: str) -> str | None:
    given = dict(parse_qsl(query_string.decode("latin-1")))
    value = given.get(name)
    return value if value is not None and len(value) <= PARAMETER_CHARACTERS_MAX else None


def _failed(error: SupergraphError, exchange: Exchange) -> Answer:
    """Never a success in the media type of before the specification: nothing follows it."""
    exchange.said["code"] = error.code.name
    return Answer(encode_errors(failure_of(error)), JSON, status_of(error))
