"""A streamed answer of an ASGI app in this process.

The app runs in a task with an `http` scope. What it sends waits in a bounded queue, so that an app
whose client does not read has to wait, as it has on a full socket.

https://asgi.readthedocs.io/en/latest/specs/www.html#http
"""

import asyncio
import contextvars
from typing import Any, TypeAlias

from starlette.types import ASGIApp, Message

from supergraph.telemetry.logs import logger

__all__ = ["AsgiStream", "open_asgi_stream"]

#: Messages of the app that wait to be read.
MESSAGES_MAX = 32
#: How long an app has to end once its client has gone; then it is cancelled.
CLOSE_SECONDS = 1.0
log = logger(__name__)

#: The last entry of the queue: what the app did wrong, if anything.
_End: TypeAlias = OSError | None


async def open_asgi_stream(app: ASGIApp, scope: dict[str, Any], body: bytes) -> "AsgiStream":
    """Call the app, and return once it has begun to answer; the caller sets the time limit.

    Raises OSError when it ends without an answer.
    """
    # As of 2.4 apps may take a failing `send` for the only sign that their client has gone.
    asgi = {"version": "3.0", "spec_version": "2.3"}
    stream = AsgiStream(app, {**scope, "asgi": asgi}, body)
    try:
        await stream.begun()
    except BaseException:
        await stream.close()
        raise
    return stream


class AsgiStream:
    """The client's end of one call of an app; a `ResponseStream`."""

    def __init__(self, app: ASGIApp, scope: dict[str, Any], body: bytes) -> None:
        self.status = 0
        self.content_type = ""
        self._request: Message | None = {"type": "http.request", "body": body, "more_body": False}
        self._answer: asyncio.Queue[Message | _End] = asyncio.Queue(MESSAGES_MAX)
        self._gone = asyncio.Event()
        self._is_whole = False
        # The app outlives the request that opened the stream: it must not log under its name.
        self._task = asyncio.create_task(self._run(app, scope), context=contextvars.Context())

    async def begun(self) -> None:
        """Wait for status and headers."""
        message = await self._next()
        if message is None or message["type"] != "http.response.start":
            raise ConnectionAbortedError("the app ended without an answer")
        self.status = message["status"]
        for name, value in message.get("headers", ()):
            if name.lower() == b"content-type":
                self.content_type = value.decode("latin-1")

    async def read(self) -> bytes:
        """The next part of the body that holds anything."""
        while not self._is_whole:
            message = await self._next()
            if message is None:
                raise ConnectionAbortedError("the app ended in the middle of its answer")
            self._is_whole = not message.get("more_body", False)
            body: bytes = message.get("body", b"")
            if body:
                return body
        return b""

    async def close(self) -> None:
        """Tell the app that its client has gone, and see it end."""
        if self._gone.is_set():
            return
        self._gone.set()
        while not self._answer.empty():
            self._answer.get_nowait()
        self._answer.put_nowait(ConnectionAbortedError("the answer is no longer read"))
        await asyncio.wait([self._task], timeout=CLOSE_SECONDS)
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CLOSE_SECONDS)

    async def _next(self) -> Message | None:
        item = await self._answer.get()
        if isinstance(item, OSError):
            self._answer.put_nowait(item)
            raise item
        return item

    async def _run(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        end: _End = None
        try:
            await app(scope, self._app_receives, self._app_sends)
        except Exception:  # whatever the app raises is the subgraph's fault, as over HTTP
            if not self._gone.is_set():
                log.exception("subgraph_app_raised", path=scope["path"])
            end = ConnectionAbortedError("the app raised")
        if not self._gone.is_set():
            await self._answer.put(end)

    async def _app_receives(self) -> Message:
        if self._request is not None:
            request, self._request = self._request, None
            return request
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _app_sends(self, message: Message) -> None:
        if self._gone.is_set():
            raise OSError("the client has gone")
        await self._answer.put(message)
