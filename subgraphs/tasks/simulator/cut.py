"""Cutting a client's connection in the middle of a request, which ASGI has no word for."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["CutConnection", "CuttableProtocol"]

STATE_KEY = "simulator_transport"


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with the connection within reach of the application."""

    def on_headers_complete(self) -> None:
        """Put the transport into the request's state."""
        self.scope["state"][STATE_KEY] = self.transport
        super().on_headers_complete()


class CutConnection(Response):
    """Instead of an answer: the connection is reset."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._transport = request.scope["state"][STATE_KEY]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reset the connection. What is sent then goes nowhere; uvicorn only wants an end."""
        self._transport.abort()
        await super().__call__(scope, receive, send)
