"""Holding off the cycle collector while many records without cycles are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["collection_paused"]

_lock = Lock()
_pauses = 0
_was_enabled = False


@contextmanager
def collection_paused() -> Iterator[None]:
    """Run the block without the cycle collector.

    Schemas are hundreds of thousands of records that refer to each other in one direction only.
    The collector walks them again and again, finds nothing, and doubles the time of composing a
    large supergraph; reference counts free all of them. The pause holds for the whole process, so
    it is for work of seconds; the last of several overlapping pauses ends it.
    """
    _begin()
    try:
        yield
    finally:
        _end()


def _begin() -> None:
    global _pauses, _was_enabled  # noqa: PLW0603 # the collector is the process's, so is its pause
    with _lock:
        if _pauses == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _pauses += 1


def _end() -> None:
    global _pauses  # noqa: PLW0603 # as above
    with _lock:
        _pauses -= 1
        if _pauses == 0 and _was_enabled:
            gc.enable()
