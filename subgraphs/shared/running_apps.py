"""The service apps running in this process, so that one service asks another without a socket.

Kept per event loop: an app's database and locks belong to the loop that started it.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Generator

from starlette.applications import Starlette

__all__ = ["running_app", "runs_as"]

#: Loops are told apart by identity; an entry lives no longer than its app's lifespan.
_running: defaultdict[tuple[asyncio.AbstractEventLoop, str], list[Starlette]] = defaultdict(list)


@contextlib.contextmanager
def runs_as(name: str, app: Starlette) -> Generator[None]:
    """Let `running_app(name)` answer the app while the block runs."""
    key = (asyncio.get_running_loop(), name)
    _running[key].append(app)
    try:
        yield
    finally:
        _running[key].remove(app)
        if not _running[key]:
            del _running[key]


def running_app(name: str) -> Starlette | None:
    """The service's app on this event loop, the one started last; None when it runs elsewhere."""
    apps = _running.get((asyncio.get_running_loop(), name))
    return apps[-1] if apps else None
