"""Where subgraphs POST the events of subscriptions over HTTP callbacks.

https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/callback-protocol. An
id that is not live is answered before anything is read: who does not know one can send nothing.
"""

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from supergraph.config.gateway import GatewayConfig, LimitConfig
from supergraph.error_codes import runtime as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.errors import ClientError
from supergraph.protocols.callback import HEADER, read_callback_message
from supergraph.server.body import read_body
from supergraph.server.client_headers import ClientHeaders
from supergraph.stages.respond import encode_errors
from supergraph.traffic.callbacks import Callbacks

__all__ = ["callback_routes"]


def callback_routes(config: GatewayConfig, callbacks: Callbacks | None) -> list[Route]:
    """The route of the callback protocol, where it is configured."""
    callback = config.subscriptions.callback
    if callback is None or callbacks is None:
        return []
    # Each message holds an event, which may be as large as any other answer of a subgraph.
    limits = structs.replace(config.limits, body_bytes=config.traffic.response_bytes)
    endpoint = _CallbackEndpoint(callbacks, limits)
    return [Route(callback.path + "/{id}", endpoint.answer, methods=["POST"])]


class _CallbackEndpoint:
    def __init__(self, callbacks: Callbacks, limits: LimitConfig) -> None:
        self._callbacks = callbacks
        self._limits = limits

    async def answer(self, request: Request) -> Response:
        """204 for a message that was taken; 404 tells the emitter that nobody listens."""
        callback = self._callbacks.find(request.path_params["id"])
        if callback is None:
            return _refused(codes.SUBSCRIPTION_NOT_FOUND)
        try:
            headers = ClientHeaders(request.scope["headers"])
            body = await read_body(request.receive, headers, self._limits)
        except ClientError as error:
            return _refused(error.code)
        message = None if body is None else read_callback_message(body)
        if message is None or message.id != callback.id:
            return _refused(codes.INVALID_CALLBACK)
        if not callback.is_verified(message.verifier):
            return _refused(codes.INVALID_CALLBACK_VERIFIER)
        if not await callback.take(message):
            return _refused(codes.SUBSCRIPTION_NOT_FOUND)
        return Response(status_code=204, headers=dict([HEADER]))


def _refused(code: ErrorCode) -> Response:
    return Response(
        encode_errors([{"message": code.meaning, "extensions": {"code": code.name}}]),
        status_code=code.http_status or 400,
        headers=dict([HEADER]),
        media_type="application/json",
    )
