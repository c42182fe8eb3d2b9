"""The last resort: an exception nobody expected becomes a masked INTERNAL error.

The details go to the log under the request's id; the client gets the id back in a header.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supergraph.server.answer import Answer, send_answer
from supergraph.server.exchange import exchange_of
from supergraph.stages.respond import encode_errors, errors_of
from supergraph.telemetry.logs import logger

__all__ = ["INTERNAL_ERROR", "MaskExceptions", "masked_answer"]

INTERNAL_ERROR = 1011  # https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
log = logger(__name__)


class MaskExceptions:
    """ASGI middleware around the routes."""

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
            await send_answer(masked_answer(error), exchange_of(scope).id, send)


def masked_answer(error: Exception) -> Answer:
    """What is answered in place of an exception, which it tells nothing of."""
    return Answer(encode_errors(errors_of(error)), "application/json", 500)
