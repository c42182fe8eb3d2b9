"""The routes of the gateway."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from supergraph.config.gateway import GatewayConfig
from supergraph.error_codes import runtime as codes
from supergraph.server.graphql_endpoint import GraphQLEndpoint
from supergraph.server.health import health_routes
from supergraph.server.landing import Landing
from supergraph.server.middleware.mask_exceptions import MaskExceptions
from supergraph.server.middleware.request_log import RequestLog
from supergraph.server.websocket_endpoint import WebSocketEndpoint
from supergraph.stages.pipeline import RequestPipeline
from supergraph.stages.respond import encode_errors

__all__ = ["GRAPHQL_PATH", "build_app"]

GRAPHQL_PATH = "/graphql"


def build_app(
    pipeline: RequestPipeline,
    config: GatewayConfig,
    websocket: WebSocketEndpoint,
    *,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
    is_ready: Callable[[], bool],
    wrap: Callable[[ASGIApp], ASGIApp],
) -> Starlette:
    """The ASGI app; `wrap` is put around what needs a started gateway."""
    landing = Landing(config.graphiql, GRAPHQL_PATH) if config.graphiql_enabled else None
    routes: list[BaseRoute] = [
        Route(GRAPHQL_PATH, wrap(GraphQLEndpoint(pipeline, config, landing))),
        WebSocketRoute(GRAPHQL_PATH, wrap(websocket)),
        *health_routes(is_ready),
        *(landing.routes() if landing else ()),
    ]
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(RequestLog, access=config.logs.access),
            Middleware(MaskExceptions),
        ],
        exception_handlers={HTTPException: _coded_answer},
        lifespan=lifespan,
    )


async def _coded_answer(_: Request, error: Exception) -> Response:
    """What the router itself refuses, in the form of every other refusal."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = {404: codes.NOT_FOUND, 405: codes.METHOD_NOT_ALLOWED}.get(status, codes.INTERNAL)
    return Response(
        encode_errors([{"message": code.meaning, "extensions": {"code": code.name}}]),
        status_code=status,
        headers=getattr(error, "headers", None),
        media_type="application/json",
    )
