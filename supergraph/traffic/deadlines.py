"""Time limits of many futures on one timer.

Nearly all that is waited for comes in time, and a timer of its own for each costs more than the
rest of the waiting. So one timer stands at the earliest limit; when it rings, it looks for those
whose time is over and is set again.
"""

import asyncio
import math
from typing import Any

__all__ = ["Deadlines"]

#: Between two looks at the list, so that many limits close to each other cost few of them: a
#: future fails by so much too late at most.
GRAIN_SECONDS = 0.01
#: A loop may ring by so much too early (uvloop counts milliseconds).
CLOCK_SECONDS = 0.001


class Deadlines:
    """Lets futures fail with TimeoutError at their deadlines, by the loop's clock.

    It holds what callers have added and not yet discarded, so it is bounded by them.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiters: dict[asyncio.Future[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = math.inf
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<Deadlines waiters={len(self._waiters)}>"

    def add(self, waiter: asyncio.Future[Any], deadline: float) -> None:
        """Watch a future until it is discarded."""
        self._waiters[waiter] = deadline
        if deadline < self._rings_at and not self._is_closed:
            self._ring_at(deadline)

    def discard(self, waiter: asyncio.Future[Any]) -> None:
        """Watch it no longer."""
        # The timer stays: setting one anew for every future is what it costs without this class.
        self._waiters.pop(waiter, None)

    def close(self) -> None:
        """Let nothing fail any more."""
        self._is_closed = True
        self._waiters.clear()
        self._stop()

    def _ring_at(self, when: float) -> None:
        self._stop()
        self._rings_at = when
        self._timer = self._loop.call_at(when, self._look)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._rings_at = math.inf

    def _look(self) -> None:
        self._stop()
        now = self._loop.time()
        over = [waiter for waiter, at in self._waiters.items() if at <= now + CLOCK_SECONDS]
        for waiter in over:
            del self._waiters[waiter]
            if not waiter.done():
                waiter.set_exception(TimeoutError())
        next_deadline = min(self._waiters.values(), default=math.inf)
        if next_deadline < math.inf:
            self._ring_at(max(next_deadline, now + GRAIN_SECONDS))
