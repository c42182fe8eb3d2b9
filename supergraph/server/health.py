"""Health for orchestrators: alive means the process answers, ready that it can serve GraphQL."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

__all__ = ["health_routes"]


def health_routes(is_ready: Callable[[], bool]) -> list[Route]:
    """`/health/live` and `/health/ready`; the latter is 503 until the transports are started."""

    async def live(_: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> JSONResponse:
        if is_ready():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "starting"}, status_code=503)

    return [Route("/health/live", live), Route("/health/ready", ready)]
