"""Taking what a server made at its start out of the cycle collector's way.

Schemas, imported modules and mapped tables live as long as the process. Left to itself the
collector walks all of them again in every full collection, which stands the event loop still for
150 ms and more. Only for whoever owns the process: what is frozen is never collected.
"""

import gc

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SettledHeap"]


class SettledHeap:
    """An ASGI app that settles the heap at the moment its inner app has started."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; look only for the end of the start."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_and_settle(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                gc.collect()
                gc.freeze()
            await send(message)

        await self._app(scope, receive, send_and_settle)
