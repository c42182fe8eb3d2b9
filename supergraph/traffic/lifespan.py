"""Run an ASGI app's lifespan (https://asgi.readthedocs.io/en/latest/specs/lifespan.html)."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message

__all__ = ["Lifespan"]


#: How long an app may take to shut down before it is cancelled.
STOP_SECONDS = 20.0


class Lifespan:
    """Starts an app before its first request and shuts it down after its last.

    An app that does not speak the lifespan protocol is used without it, as the protocol says. One
    that fails to start raises `RuntimeError` with its own message.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._to_app: asyncio.Queue[Message] = asyncio.Queue(maxsize=2)
        self._started: asyncio.Future[None] | None = None
        self.state: dict[str, Any] = {}

    async def start(self) -> None:
        """Run the app's startup to its end."""
        self._started = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(self._started), name="asgi-lifespan")
        await self._to_app.put({"type": "lifespan.startup"})
        await self._started

    async def stop(self) -> None:
        """Run the app's shutdown; does nothing for an app that was not started."""
        if self._task is None or self._task.done():
            return
        await self._to_app.put({"type": "lifespan.shutdown"})
        await asyncio.wait({self._task}, timeout=STOP_SECONDS)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, started: asyncio.Future[None]) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self.state}

        async def send(message: Message) -> None:
            match message["type"]:
                case "lifespan.startup.complete":
                    started.set_result(None)
                case "lifespan.startup.failed":
                    started.set_exception(RuntimeError(message.get("message", "startup failed")))
                case _:
                    pass  # shutdown complete or failed: the app returns, or is cancelled

        try:
            await self._app(scope, self._to_app.get, send)
        except Exception:
            # An exception before startup ended means: no lifespan support.
            if started.done():
                raise
        finally:
            if not started.done():
                started.set_result(None)
