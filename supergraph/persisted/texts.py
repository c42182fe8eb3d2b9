"""Texts by the hash that clients know them by."""

import asyncio
from typing import Protocol

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from supergraph.cache.lru import LruCache
from supergraph.telemetry.logs import logger

__all__ = ["MemoryTexts", "RedisTexts", "Texts"]

#: How long a request waits for Redis before it goes on as if the text was not there.
REDIS_SECONDS = 0.25
REDIS_CONNECTIONS = 16
#: After a failure Redis is left alone for so long: not every request has to wait.
PAUSE_SECONDS = 5.0
#: What Apollo Router names its keys.
KEY_PREFIX = "apq:"

log = logger(__name__)


class Texts(Protocol):
    """Keeps texts for a while."""

    async def get(self, hash_: str) -> str | None:
        """The text of a hash, if it is known."""

    async def put(self, hash_: str, text: str) -> None:
        """Keep a text. It may be forgotten at any time."""

    async def close(self) -> None:
        """Release connections."""


class MemoryTexts:
    """So many texts, and so many characters together; the least recently used goes first."""

    def __init__(self, entries: int, characters: int) -> None:
        self._texts: LruCache[str, str] = LruCache(entries, characters)

    def __repr__(self) -> str:
        return f"<MemoryTexts {self._texts!r}>"

    async def get(self, hash_: str) -> str | None:
        """The text of a hash, if it is known."""
        return self._texts.get(hash_)

    async def put(self, hash_: str, text: str) -> None:
        """Keep a text."""
        self._texts.put(hash_, text, weight=len(text))

    async def close(self) -> None:
        """Nothing is open."""


class RedisTexts:
    """Texts that all gateways share, behind those that this one has in memory.

    While Redis is away the gateway goes on with its own: clients whose text it does not know send
    it again.
    """

    def __init__(self, url: str, own: MemoryTexts, *, seconds: int) -> None:
        self._own = own
        self._seconds = seconds
        self._resting_until = 0.0
        self._redis = redis.Redis.from_pool(
            redis.BlockingConnectionPool.from_url(
                url,
                max_connections=REDIS_CONNECTIONS,
                timeout=REDIS_SECONDS,
                decode_responses=True,
                socket_timeout=REDIS_SECONDS,
                socket_connect_timeout=REDIS_SECONDS,
                # A pooled connection may have died since it was last used.
                retry=Retry(NoBackoff(), 1),
            )
        )

    def __repr__(self) -> str:
        return f"<RedisTexts behind {self._own!r}>"

    async def get(self, hash_: str) -> str | None:
        """The text of a hash, from memory or from Redis."""
        known = await self._own.get(hash_)
        if known is not None or self._is_resting():
            return known
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                text = await self._redis.get(KEY_PREFIX + hash_)
        except (RedisError, OSError, TimeoutError, UnicodeError) as error:
            self._rest(error)
            return None
        if not isinstance(text, str):
            return None
        await self._own.put(hash_, text)
        return text

    async def put(self, hash_: str, text: str) -> None:
        """Keep a text here and, where Redis takes it, for all."""
        await self._own.put(hash_, text)
        if self._is_resting():
            return
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await self._redis.set(KEY_PREFIX + hash_, text, ex=self._seconds)
        except (RedisError, OSError, TimeoutError, UnicodeError) as error:
            self._rest(error)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def _is_resting(self) -> bool:
        return asyncio.get_running_loop().time() < self._resting_until

    def _rest(self, error: Exception) -> None:
        log.warning("persisted_documents_without_redis", reason=str(error))
        self._resting_until = asyncio.get_running_loop().time() + PAUSE_SECONDS
