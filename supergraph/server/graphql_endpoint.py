"""GraphQL over HTTP: POST with JSON and GET; one answer per request, in parts, or a stream of them.

https://graphql.github.io/graphql-over-http/draft/
"""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

from supergraph.config.gateway import GatewayConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, SupergraphError
from supergraph.protocols import event_stream
from supergraph.server.answer import Answer, StreamedAnswer
from supergraph.server.batch import Batch, is_batch
from supergraph.server.body import read_body
from supergraph.server.client_headers import ClientHeaders
from supergraph.server.compression import decompressed
from supergraph.server.csrf import check_csrf
from supergraph.server.exchange import Exchange
from supergraph.server.failures import failure_of, status_of
from supergraph.server.landing import Landing
from supergraph.server.negotiation import (
    GRAPHQL_RESPONSE,
    JSON,
    Accepted,
    accepted_forms,
    media_type,
    prefers_html,
)
from supergraph.server.reserved_streams import ReservedStreams
from supergraph.server.single_connection import TOKEN_HEADER, SingleConnection, stream_token
from supergraph.server.streams import answer_in_parts, answer_in_stream, stream_of
from supergraph.server.upload_body import MULTIPART_FORM, read_upload
from supergraph.stages.admit import json_from_bytes, request_from_body, request_from_json
from supergraph.stages.pipeline import RequestPipeline
from supergraph.stages.request import GraphQLRequest
from supergraph.stages.respond import encode_errors, encode_result

__all__ = ["GraphQLEndpoint"]

#: JSON values in a GET's query string.
_JSON_PARAMETERS = ("variables", "extensions")


class GraphQLEndpoint:
    """Answers at the GraphQL path; `landing` is what browsers get, if anything.

    `streams` are those that clients reserve for the results of many operations. `start` makes sure
    that the gateway is started, for servers and mounts that run no lifespan.
    """

    def __init__(
        self,
        pipeline: RequestPipeline,
        config: GatewayConfig,
        landing: Landing | None,
        streams: ReservedStreams,
        start: Callable[[], Awaitable[None]],
    ) -> None:
        self._pipeline = pipeline
        self._config = config
        self._landing = landing
        self._batch = Batch(pipeline, config.batching)
        self._single_connection = SingleConnection(pipeline, streams)
        self._start = start

    async def __call__(
        self, scope: Scope, receive: Receive, headers: ClientHeaders, exchange: Exchange
    ) -> Answer | StreamedAnswer | None:
        """Answer one HTTP request; None when nobody is left to answer."""
        await self._start()
        method: str = scope["method"]
        accept = headers.raw.get(b"accept", b"")
        if self._landing and method in {"GET", "HEAD"} and prefers_html(accept):
            return self._landing.page(headers.get("host", ""))
        accepted = accepted_forms(accept)
        query_string: bytes = scope["query_string"]
        may_have_token = query_string or TOKEN_HEADER in headers.raw
        token = stream_token(query_string, headers) if may_have_token else None
        try:
            if method in {"PUT", "DELETE"}:
                return self._single_connection.manage(method, token, accept, query_string)
            _check_method(method)
            _check_accepted(accepted)
            check_csrf(method, headers, self._config.csrf)
            if token is not None:
                return await self._use_stream(token, scope, receive, headers, exchange)
            if method == "GET":
                request = _request_of_url(query_string, headers, exchange)
            else:
                if self._carries_files(headers):
                    return await self._answer_upload(receive, headers, accepted, exchange)
                body = await self._body(receive, headers)
                if body is None:
                    return None
                if is_batch(body):
                    return await self._batch.answer(body, headers, accepted, exchange)
                request = request_from_body(body, headers, exchange.id)
        except ClientError as error:
            return _refused(error, accepted.single or JSON, exchange)
        return await self._answer(request, accepted, exchange)

    async def _body(self, receive: Receive, headers: ClientHeaders) -> bytes | None:
        _check_content_type(headers)
        limits = self._config.limits
        body = await read_body(receive, headers, limits)
        coding = headers.raw.get(b"content-encoding")
        if body is None or coding is None:
            return body
        return decompressed(body, coding, limits.body_bytes)

    async def _use_stream(
        self,
        token: str,
        scope: Scope,
        receive: Receive,
        headers: ClientHeaders,
        exchange: Exchange,
    ) -> Answer | StreamedAnswer | None:
        """Answer a request with the token of a reserved stream: open it, or begin an operation.

        Who takes events only and has an unknown token gets a connection of its own.
        """
        accepted = accepted_forms(headers.raw.get(b"accept", b""))
        if not accepted.is_events_only:
            stream = self._single_connection.found(token)
        elif (opened := self._single_connection.open(token)) is not None:
            return opened
        else:
            stream = None
        if scope["method"] == "GET":
            request = _request_of_url(scope["query_string"], headers, exchange)
        else:
            body = await self._body(receive, headers)
            if body is None:
                return None
            request = request_from_body(body, headers, exchange.id)
        if stream is None:
            return await self._answer(request, accepted, exchange)
        return await self._single_connection.operate(stream, request, exchange)

    def _carries_files(self, headers: ClientHeaders) -> bool:
        if not self._config.uploads.enabled:
            return False
        return media_type(headers.raw.get(b"content-type", b""))[0] == MULTIPART_FORM

    async def _answer_upload(
        self, receive: Receive, headers: ClientHeaders, accepted: Accepted, exchange: Exchange
    ) -> Answer | StreamedAnswer | None:
        """Answer a request with files, as a whole: they are forgotten with it."""
        upload = await read_upload(receive, headers, self._config.limits, self._config.uploads)
        if upload is None:
            return None
        try:
            request = upload.request(headers, exchange.id)
            return await self._answer(request, Accepted(accepted.single or JSON), exchange)
        finally:
            upload.close()

    async def _answer(
        self, request: GraphQLRequest, accepted: Accepted, exchange: Exchange
    ) -> Answer | StreamedAnswer:
        said = exchange.said
        try:
            prepared = await self._pipeline.prepare(request)
            kind = prepared.kind
            said["operation"], said["kind"] = prepared.operation.name, kind
            if kind == "subscription" and accepted.stream is not None:
                return stream_of(self._pipeline.watch(prepared), accepted.stream)
            if accepted.incremental is not None and self._pipeline.answers_in_parts(prepared):
                deliveries = self._pipeline.deliver(prepared)
                # A mutation is done whether anybody waits or not.
                first = await anext(deliveries) if kind == "mutation" else None
                return answer_in_parts(deliveries, accepted.incremental, exchange, first)
            if kind == "query":
                exchange.cancel_when_left()
            result = await self._pipeline.execute(prepared)
        except SupergraphError as error:
            return _failed(error, accepted, exchange)
        said["errors"] = len(result.errors)
        if accepted.single is None:
            return answer_in_stream(encode_result(result), accepted)
        return Answer(encode_result(result), accepted.single)


def _check_method(method: str) -> None:
    if method not in {"GET", "POST"}:
        raise ClientError(
            codes.METHOD_NOT_ALLOWED,
            "GraphQL is answered to POST and GET; PUT and DELETE are for event streams",
        )


def _check_accepted(accepted: Accepted) -> None:
    if accepted.is_nothing:
        message = f"Only {GRAPHQL_RESPONSE}, {JSON} and {event_stream.CONTENT_TYPE} can be answered"
        raise ClientError(codes.INVALID_ACCEPT_HEADER, message)


def _check_content_type(headers: ClientHeaders) -> None:
    type_, charset = media_type(headers.raw.get(b"content-type", b""))
    if type_ != JSON or charset not in {"", "utf-8", "utf8"}:
        raise ClientError(
            codes.INVALID_CONTENT_TYPE_HEADER, f"The body must be of type {JSON} in UTF-8"
        )


def _request_of_url(
    query_string: bytes, headers: ClientHeaders, exchange: Exchange
) -> GraphQLRequest:
    parameters = _url_parameters(query_string)
    return request_from_json(parameters, headers, read_only=True, request_id=exchange.id)


def _url_parameters(query_string: bytes) -> dict[str, object]:
    text = query_string.decode("latin-1")
    given = dict(parse_qsl(text, keep_blank_values=True))
    parameters: dict[str, object] = dict(given)
    for name in _JSON_PARAMETERS:
        if given.get(name):
            parameters[name] = json_from_bytes(given[name], f"The parameter '{name}'")
        else:
            parameters.pop(name, None)
    return parameters


def _refused(error: ClientError, content_type: str, exchange: Exchange) -> Answer:
    """A request that never became a GraphQL request: its status says so in either media type."""
    exchange.said["code"] = error.code.name
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if error.code.http_status == 405:
        headers = ((b"allow", b"GET, POST, PUT, DELETE"),)
    elif error.code in {codes.REQUEST_TOO_LARGE, codes.REQUEST_TIMEOUT}:
        headers = ((b"connection", b"close"),)  # the rest of the body is not worth reading
    return Answer(encode_errors(error.errors), content_type, status_of(error), headers)


def _failed(
    error: SupergraphError, accepted: Accepted, exchange: Exchange
) -> Answer | StreamedAnswer:
    """A GraphQL request that could not be executed.

    Who takes nothing but a stream gets the errors as its only event. In plain JSON the status is
    200 for what the document or its variables did wrong: clients from before the specification
    take any other status for a failure of the network.
    """
    exchange.said["code"] = error.code.name
    payload = encode_errors(failure_of(error))
    if accepted.single is None:
        return answer_in_stream(payload, accepted)
    content_type = accepted.single
    status = status_of(error)
    if status == 400 and content_type == JSON:
        status = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if status == 405:
        headers = ((b"allow", b"POST"),)
    elif error.code is codes.PERSISTED_QUERY_NOT_FOUND:
        # Known a moment later, when the client has sent the text.
        headers = ((b"cache-control", b"private, no-cache, must-revalidate"),)
    return Answer(payload, content_type, status, headers)
