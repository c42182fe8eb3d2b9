"""GraphQL over HTTP: POST with JSON and GET, one answer per request.

https://graphql.github.io/graphql-over-http/draft/
"""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from supergraph.config.gateway import GatewayConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, SupergraphError
from supergraph.server.body import read_body
from supergraph.server.csrf import check_csrf
from supergraph.server.landing import Landing
from supergraph.server.middleware.request_log import describe_request, request_id
from supergraph.server.negotiation import (
    GRAPHQL_RESPONSE,
    JSON,
    accepted_type,
    media_type,
    prefers_html,
)
from supergraph.stages.admit import json_from_bytes, request_from_json
from supergraph.stages.pipeline import RequestPipeline
from supergraph.stages.request import GraphQLRequest
from supergraph.stages.respond import encode_errors, encode_result, errors_of
from supergraph.telemetry.logs import logger

__all__ = ["GraphQLEndpoint"]

log = logger(__name__)

#: JSON values in a GET's query string.
_JSON_PARAMETERS = ("variables", "extensions")


class GraphQLEndpoint:
    """The ASGI app at the GraphQL path; `landing` is what browsers get, if anything."""

    def __init__(
        self, pipeline: RequestPipeline, config: GatewayConfig, landing: Landing | None = None
    ) -> None:
        self._pipeline = pipeline
        self._config = config
        self._landing = landing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return  # nobody is left to answer
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        accept = request.headers.get("accept")
        if self._landing and request.method in {"GET", "HEAD"} and prefers_html(accept):
            return self._landing.page(request.headers.get("host", ""))
        content_type = accepted_type(accept)
        try:
            _check_method(request)
            _check_accepted(content_type)
            check_csrf(request, self._config.csrf)
            graphql_request = await self._read(request)
        except ClientError as error:
            return _refused(error, content_type or JSON)
        return await self._answer(graphql_request, content_type or JSON)

    async def _read(self, request: Request) -> GraphQLRequest:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.method == "GET":
            parameters: object = _url_parameters(request)
        else:
            _check_content_type(request)
            parameters = json_from_bytes(await read_body(request, self._config.limits))
        return request_from_json(
            parameters,
            headers,
            read_only=request.method == "GET",
            request_id=request_id(request.scope),
        )

    async def _answer(self, request: GraphQLRequest, content_type: str) -> Response:
        try:
            prepared = await self._pipeline.prepare(request)
            describe_request(operation=prepared.operation.name, kind=prepared.kind)
            result = await self._pipeline.execute(prepared)
        except SupergraphError as error:
            describe_request(code=error.code.name)
            return _failed(error, content_type)
        describe_request(errors=len(result.errors))
        return Response(encode_result(result), media_type=content_type)


def _check_method(request: Request) -> None:
    if request.method not in {"GET", "POST"}:
        raise ClientError(codes.METHOD_NOT_ALLOWED, "GraphQL is answered to POST and GET")


def _check_accepted(content_type: str | None) -> None:
    if content_type is None:
        message = f"Only {GRAPHQL_RESPONSE} and {JSON} can be answered"
        raise ClientError(codes.INVALID_ACCEPT_HEADER, message)


def _check_content_type(request: Request) -> None:
    type_, charset = media_type(request.headers.get("content-type"))
    encoding = request.headers.get("content-encoding", "identity")
    if type_ != JSON or charset not in {"", "utf-8", "utf8"} or encoding != "identity":
        raise ClientError(
            codes.INVALID_CONTENT_TYPE_HEADER,
            f"The body must be of type {JSON} in UTF-8, without content-encoding",
        )


def _url_parameters(request: Request) -> dict[str, object]:
    parameters: dict[str, object] = dict(request.query_params)
    for name in _JSON_PARAMETERS:
        text = request.query_params.get(name)
        if text:
            parameters[name] = json_from_bytes(text, f"The parameter '{name}'")
        else:
            parameters.pop(name, None)
    return parameters


def _refused(error: ClientError, content_type: str) -> Response:
    """A request that never became a GraphQL request: its status says so in either media type."""
    describe_request(code=error.code.name)
    headers = {}
    if error.code.http_status == 405:
        headers["allow"] = "GET, POST"
    if error.code in {codes.REQUEST_TOO_LARGE, codes.REQUEST_TIMEOUT}:
        headers["connection"] = "close"  # the rest of the body is not worth reading
    return Response(
        encode_errors(error.errors),
        status_code=error.code.http_status or 400,
        headers=headers,
        media_type=content_type,
    )


def _failed(error: SupergraphError, content_type: str) -> Response:
    """A GraphQL request that could not be executed.

    In plain JSON the status is 200 for what the document or its variables did wrong: clients from
    before the specification take any other status for a failure of the network.
    """
    if not isinstance(error, ClientError):
        log.error("request_failed", code=error.code.name, reason=error.message, exc_info=error)
    status = error.code.http_status or (400 if isinstance(error, ClientError) else 500)
    if status == 400 and content_type == JSON:
        status = 200
    headers = {"allow": "POST"} if status == 405 else {}
    return Response(
        encode_errors(errors_of(error)),
        status_code=status,
        headers=headers,
        media_type=content_type,
    )
