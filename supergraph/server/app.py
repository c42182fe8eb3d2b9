"""The routes of the gateway."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from supergraph.config.gateway import GatewayConfig
from supergraph.error_codes import runtime as codes
from supergraph.records import record
from supergraph.server.front import Endpoints, Front
from supergraph.server.graphql_endpoint import GraphQLEndpoint
from supergraph.server.landing import Landing
from supergraph.server.middleware.mask_exceptions import MaskExceptions
from supergraph.server.reserved_streams import ReservedStreams
from supergraph.server.websocket_endpoint import WebSocketEndpoint
from supergraph.stages.pipeline import RequestPipeline
from supergraph.stages.respond import encode_errors

__all__ = ["GRAPHQL_PATH", "ClientConnections", "build_app"]

GRAPHQL_PATH = "/graphql"


@record
class ClientConnections:
    """What clients hold open for longer than one answer."""

    websocket: WebSocketEndpoint
    streams: ReservedStreams

    async def close(self) -> None:
        """End them all."""
        await self.websocket.close()
        await self.streams.close()


def build_app(
    pipeline: RequestPipeline,
    config: GatewayConfig,
    connections: ClientConnections,
    *,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
    start: Callable[[], Awaitable[None]],
    routes: Iterable[BaseRoute],
) -> ASGIApp:
    """The ASGI app; `start` starts the gateway where no lifespan did, `routes` are further ones."""
    landing = Landing(config.graphiql, GRAPHQL_PATH) if config.graphiql_enabled else None

    all_routes: list[BaseRoute] = [
        Route(f"{GRAPHQL_PATH}/", _WithoutSlash()),
        *routes,
        *(landing.routes() if landing else ()),
    ]
    return Front(
        GRAPHQL_PATH,
        Endpoints(
            GraphQLEndpoint(pipeline, config, landing, connections.streams, start),
            connections.websocket,
        ),
        Starlette(
            routes=all_routes,
            middleware=[Middleware(MaskExceptions)],
            exception_handlers={HTTPException: _coded_answer},
            lifespan=lifespan,
        ),
        access=config.logs.access,
        compression=config.compression,
        cors=config.cors,
    )


class _WithoutSlash:
    """Leads to the path without the slash at its end, whatever the method."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        url = URL(scope=scope)
        await RedirectResponse(url.replace(path=url.path.rstrip("/")))(scope, receive, send)


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
