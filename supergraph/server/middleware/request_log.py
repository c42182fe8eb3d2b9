"""Gives every request an id and writes one line when it is done.

A client's or proxy's `X-Request-ID` is kept when it is short and plain, so that one id can be
followed through several systems; the answer carries it back. The line has method, path, status and
duration, and what `describe_request` added; never the query string, which may hold variables.
"""

import re
import time
import uuid
from contextvars import ContextVar
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supergraph.telemetry.logs import logger

__all__ = ["RequestLog", "describe_request", "request_id"]

HEADER = "x-request-id"
log = logger("supergraph.access")

_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_description: ContextVar[dict[str, Any] | None] = ContextVar("description", default=None)


def request_id(scope: Scope) -> str:
    """The id of the request that is being answered; "" outside of the middleware."""
    return str(scope.get("state", {}).get("request_id", ""))


def describe_request(**fields: Any) -> None:
    """Add fields to the line that will be written about the current request."""
    description = _description.get()
    if description is not None:
        description.update(fields)


class RequestLog:
    """ASGI middleware; WebSockets get an id and a line at their end."""

    def __init__(self, app: ASGIApp, *, access: bool = True) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with an id."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        id_ = _id_from(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = id_
        description: dict[str, Any] = {}
        token = _description.set(description)
        status = 0
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(raw=message["headers"])[HEADER] = id_
            elif message["type"] == "websocket.close":
                status = message.get("code", 1000)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=id_):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                _description.reset(token)
                if self._access:
                    log.info(
                        "request" if scope["type"] == "http" else "websocket",
                        method=scope.get("method"),
                        path=scope["path"],
                        status=status,
                        duration_ms=round((time.perf_counter() - started) * 1000, 2),
                        **description,
                    )


def _id_from(headers: Headers) -> str:
    given = headers.get(HEADER, "")
    return given if _PLAIN_ID.fullmatch(given) else uuid.uuid4().hex
