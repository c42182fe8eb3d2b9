"""The last resort: an exception nobody expected becomes a masked INTERNAL error.

The details go to the log under the request's id; the client gets the id back in a header.
"""

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supergraph.stages.respond import encode_errors, errors_of
from supergraph.telemetry.logs import logger

__all__ = ["MaskExceptions"]

INTERNAL_ERROR = 1011  # https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
log = logger(__name__)


class MaskExceptions:
    """ASGI middleware around everything that answers requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; answer in place of whatever fails."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] in {"http.response.start", "websocket.close"}
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception as error:  # the boundary where everything unexpected ends
            log.exception("unexpected_exception", path=scope["path"])
            if started:
                raise  # too late for an answer: the server has to cut the connection
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": INTERNAL_ERROR})
                return
            response = Response(
                encode_errors(errors_of(error)), status_code=500, media_type="application/json"
            )
            await response(scope, receive, send)
