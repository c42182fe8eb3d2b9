"""The ASGI app of a service: `/graphql` over HTTP and graphql-transport-ws, and health endpoints.

Settings are read when the app starts, not when it is imported, so an app can be named by import
path and composed without any environment.
"""

import contextlib
import logging
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from subgraphs.shared.body_limit import BodyLimit
from subgraphs.shared.context import RequestContext, ServiceResources
from subgraphs.shared.migrate import upgrade
from subgraphs.shared.resources import open_resources
from subgraphs.shared.running_apps import runs_as
from subgraphs.shared.service import Service
from subgraphs.shared.settings import ServiceSettings, load_settings

__all__ = ["create_service_app"]

logger = logging.getLogger(__name__)

#: The gateway runs many clients' subscriptions over one connection; see its own limit per client.
SUBSCRIPTIONS_PER_CONNECTION_MAX = 10_000
#: A connection that does not introduce itself is closed.
CONNECTION_INIT_SECONDS = 10


class ServiceEndpoint(GraphQL[RequestContext[Any], None]):
    """Strawberry's endpoint, with the context of our services."""

    def __init__(self, service: Service) -> None:
        super().__init__(
            service.schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=CONNECTION_INIT_SECONDS),
            max_subscriptions_per_connection=SUBSCRIPTIONS_PER_CONNECTION_MAX,
        )
        self._service = service

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> RequestContext[Any]:
        """The context of an HTTP request or a WebSocket connection."""
        resources: ServiceResources = request.app.state.resources
        remembers = not isinstance(request, WebSocket)
        return RequestContext(
            resources=resources,
            loaders=self._service.create_loaders(resources, remembers),
            authorization=request.headers.get("authorization"),
        )


def create_service_app(
    service: Service,
    settings: ServiceSettings | None = None,
    environment: Mapping[str, str] | None = None,
) -> Starlette:
    """The app of a service; `settings` are read from the environment at start unless given."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        used = settings or load_settings(service.name, service.default_port, environment)
        service.check_settings(used)
        async with open_resources(used) as resources:
            # An embedded installation brings its file up to date by itself. A shared database is
            # migrated by a deployment step, before the new processes start.
            if used.is_embedded:
                await upgrade(resources.database, service.migrations)
            app.state.resources = resources
            with runs_as(service.name, app):
                async with service.background(resources) as own:
                    app.state.own = own
                    logger.info("%s is ready", service.name)
                    yield

    endpoint = ServiceEndpoint(service)
    return Starlette(
        routes=[
            Route("/health/live", _live),
            Route("/health/ready", _ready),
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", endpoint),
            *service.routes,
        ],
        middleware=[Middleware(BodyLimit)],
        lifespan=lifespan,
    )


async def _live(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _ready(request: Request) -> Response:
    resources: ServiceResources = request.app.state.resources
    if await resources.database.is_reachable():
        return JSONResponse({"status": "ok"})
    return JSONResponse({"status": "database unreachable"}, status_code=503)
