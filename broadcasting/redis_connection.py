"""Connections to Redis, and one that is made again whenever it breaks.

All speak RESP2. One that waits for messages has no read timeout, since it may be silent for hours;
who uses it watches by other means whether it is still alive.
"""

import asyncio
import contextlib
import functools
import logging
import math
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from broadcasting.events import BroadcastUnavailableError

__all__ = ["connection_maker", "stay_connected", "until_first_ends"]

log = logging.getLogger(__name__)

#: How long Redis may take until a connection can be used: over TCP, TLS, and to let us log in.
CONNECT_SECONDS = 2.0
BACKOFF_SECONDS_MIN = 0.05
BACKOFF_SECONDS_MAX = 2.0


def connection_maker(url: str) -> Callable[[], Any]:
    """Makes a connection at each call, for a URL; it may be silent for ever."""
    # Only to read the URL: a pool's bookkeeping per command costs as much as the command.
    pool = redis.ConnectionPool.from_url(
        url,
        protocol=2,
        decode_responses=True,
        # Whoever publishes bytes that are no text must not end everybody's connection.
        encoding_errors="replace",
        socket_timeout=None,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_keepalive=True,
        # redis-py's own retries take long and repeat commands; ours are in `stay_connected`.
        retry=Retry(NoBackoff(), 0),
    )
    return functools.partial(pool.connection_class, **pool.connection_kwargs)


async def stay_connected(
    connect: Callable[[], Any], converse: Callable[[Any], Awaitable[None]], *, purpose: str
) -> None:
    """Connect, converse until the connection breaks, and begin again with a growing pause.

    The pause is short again once a conversation has lasted.
    """
    pause = BACKOFF_SECONDS_MIN
    is_down = False
    while True:
        connection = connect()
        connected_at = math.inf
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await connection.connect()
            if is_down:
                log.info("Redis is back for %s", purpose)
            is_down = False
            connected_at = time.monotonic()
            await converse(connection)
        except (BroadcastUnavailableError, RedisError, OSError, TimeoutError) as error:
            if not is_down:
                log.warning("Redis is unreachable for %s, will keep trying: %s", purpose, error)
            is_down = True
        except Exception:
            # A fault of ours must not leave everybody deaf.
            log.exception("the connection for %s failed unexpectedly", purpose)
            is_down = True
        finally:
            # A socket that is already broken may object to being closed.
            with contextlib.suppress(RedisError, OSError):
                await connection.disconnect(nowait=True)
        if time.monotonic() - connected_at > BACKOFF_SECONDS_MAX:
            pause = BACKOFF_SECONDS_MIN
        await asyncio.sleep(pause)
        pause = min(pause * 2, BACKOFF_SECONDS_MAX)


async def until_first_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Run the sides of a conversation until one ends or fails, and then end the others."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
