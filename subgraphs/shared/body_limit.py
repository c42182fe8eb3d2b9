"""A limit on request bodies, as an ASGI middleware: the rest of a too large body is never kept."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BODY_BYTES_MAX", "BodyLimit"]

#: Room for the largest `_entities` request the schema accepts.
BODY_BYTES_MAX = 4 * 1024 * 1024


class _BodyTooLargeError(Exception):
    """More bytes have arrived than are allowed."""


class BodyLimit:
    """Answers 413 to a body of more than `bytes_max`, announced or not."""

    def __init__(self, app: ASGIApp, bytes_max: int = BODY_BYTES_MAX) -> None:
        self._app = app
        self._bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._bytes_max:
            await self._refuse(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._bytes_max:
                raise _BodyTooLargeError
            return message

        try:
            await self._app(scope, counted, send)
        except _BodyTooLargeError:
            # The body is read before the response starts, so there is still time to answer.
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = {
            "message": f"The body is larger than {self._bytes_max} bytes.",
            "extensions": {"code": "REQUEST_TOO_LARGE"},
        }
        response = JSONResponse({"errors": [error]}, status_code=413)
        await response(scope, receive, send)
