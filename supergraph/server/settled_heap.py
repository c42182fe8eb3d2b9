"""Taking what a server made at its start out of the cycle collector's way.

The supergraph, schemas and imported modules live as long as the process. Left to itself the
collector walks all of them again in every full collection, which stands the event loop still for
150 ms and more. Only for whoever owns the process: what is frozen is never collected.

And the collector is called less often. It counts containers, and the answers of subgraphs are made
of nothing else: at Python's own threshold of 700 the requests in flight alone start it many times
over, to look at what goes by itself a moment later. That took a fifth of the CPU of requests with
large answers.
"""

import gc

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SettledHeap"]

#: How many more containers than at its last run call the collector; some 10 MB of JSON.
CONTAINERS = 50_000
#: Runs of a generation before the next older one is looked at too.
RUNS = 20


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
                gc.set_threshold(CONTAINERS, RUNS, RUNS)
            await send(message)

        await self._app(scope, receive, send_and_settle)
