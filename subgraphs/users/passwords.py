"""Checking passwords: argon2id, in threads, in the same time for people we do not know."""

import functools

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from pwdlib import PasswordHash

__all__ = ["hash_password", "is_correct"]

#: One check takes 64 MiB and a core for a fraction of a second; more wait for their turn.
CHECKS_AT_ONCE_MAX = 2
#: A longer one is not worth hashing.
PASSWORD_CHARACTERS_MAX = 256

_hasher = PasswordHash.recommended()


def hash_password(password: str) -> str:
    """The text to store for a password."""
    return _hasher.hash(password)


async def is_correct(password: str, stored_hash: str | None) -> bool:
    """Whether the password belongs to the hash; None (nobody) takes as long to be refused."""
    if len(password) > PASSWORD_CHARACTERS_MAX:
        return False
    matches = await anyio.to_thread.run_sync(_verify, password, stored_hash, limiter=_limiter())
    return matches and stored_hash is not None


def _verify(password: str, stored_hash: str | None) -> bool:
    return _hasher.verify(password, stored_hash or _nobodys_hash())


@functools.cache
def _nobodys_hash() -> str:
    return hash_password("the password of nobody")


#: A limiter belongs to one event loop.
_limiters: RunVar[anyio.CapacityLimiter] = RunVar("password_checks")


def _limiter() -> anyio.CapacityLimiter:
    """The limiter of the running event loop."""
    limiter: anyio.CapacityLimiter | None = _limiters.get(None)
    if limiter is None:
        limiter = anyio.CapacityLimiter(CHECKS_AT_ONCE_MAX)
        _limiters.set(limiter)
    return limiter
