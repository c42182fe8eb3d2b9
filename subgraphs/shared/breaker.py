"""A circuit breaker: no calls to what fails anyway, few calls to find out whether it works again.

It does no I/O and never waits; the clock is handed in. Theory of operation:

- *closed*: every call is admitted, and its result is counted in a sliding window. When the window
  holds enough calls and too large a share of them failed, the breaker opens.
- *open*: nothing is admitted until the pause is over. Each time a probe fails, the pause doubles.
- *half-open*: a few calls at a time are admitted as probes. One failure opens the breaker again;
  enough successes in a row close it.

A result counts only in the state its call was admitted in: answers that were on their way when the
breaker opened say nothing about what came after.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Breaker", "BreakerSettings", "BreakerState", "Permit"]

#: Parts of the window that are counted as one; the window moves by one of them.
BUCKETS = 10


class BreakerState(StrEnum):
    """Where a breaker stands."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """When a breaker opens, for how long, and how it finds out that it may close."""

    window_seconds: float = 10.0
    calls_min: int = 10
    failure_share: float = 0.5
    open_seconds: float = 1.0
    open_seconds_max: float = 30.0
    probes_max: int = 3
    #: How long callers stay away while others probe.
    probe_wait_seconds: float = 0.5


@dataclass(frozen=True, slots=True)
class Permit:
    """One admitted call; hand it to `succeed`, `fail` or `release`, once."""

    generation: int


@dataclass(slots=True)
class _Bucket:
    number: int
    calls: int = 0
    failures: int = 0


class Breaker:
    """Decides whether a call may be made, from what became of those before it."""

    def __init__(self, settings: BreakerSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._state = BreakerState.CLOSED
        #: Counts the changes of state.
        self._generation = 0
        self._buckets: deque[_Bucket] = deque(maxlen=BUCKETS + 1)
        self._open_until = 0.0
        self._pause = settings.open_seconds
        self._probes = 0
        self._probe_successes = 0

    @property
    def state(self) -> BreakerState:
        """The state at this moment; an open breaker whose pause is over is half-open."""
        if self._state is BreakerState.OPEN and self._clock() >= self._open_until:
            return BreakerState.HALF_OPEN
        return self._state

    def admit(self) -> Permit | None:
        """Leave to make one call now; None means: do not call."""
        if self._state is BreakerState.OPEN and self._clock() >= self._open_until:
            self._enter(BreakerState.HALF_OPEN)
        if self._state is BreakerState.OPEN:
            return None
        if self._state is BreakerState.HALF_OPEN:
            if self._probes >= self._settings.probes_max:
                return None
            self._probes += 1
        return Permit(self._generation)

    def retry_after_seconds(self) -> float:
        """How long a caller that was not admitted should stay away."""
        if self._state is BreakerState.OPEN:
            return max(self._open_until - self._clock(), 0.0)
        return self._settings.probe_wait_seconds if self._state is BreakerState.HALF_OPEN else 0.0

    def succeed(self, permit: Permit) -> None:
        """The call was answered."""
        if permit.generation != self._generation:
            return
        if self._state is BreakerState.CLOSED:
            self._bucket().calls += 1
            return
        self._probes -= 1
        self._probe_successes += 1
        if self._probe_successes >= self._settings.probes_max:
            self._pause = self._settings.open_seconds
            self._enter(BreakerState.CLOSED)

    def fail(self, permit: Permit) -> None:
        """The call was not answered, or by a fault of the other side."""
        if permit.generation != self._generation:
            return
        if self._state is BreakerState.CLOSED:
            bucket = self._bucket()
            bucket.calls += 1
            bucket.failures += 1
            if self._is_failing():
                self._open()
            return
        self._pause = min(self._pause * 2, self._settings.open_seconds_max)
        self._open()

    def release(self, permit: Permit) -> None:
        """The call was never made, or says nothing about the other side."""
        if permit.generation == self._generation and self._state is BreakerState.HALF_OPEN:
            self._probes -= 1

    def _open(self) -> None:
        self._open_until = self._clock() + self._pause
        self._enter(BreakerState.OPEN)

    def _enter(self, state: BreakerState) -> None:
        self._state = state
        self._generation += 1
        self._buckets.clear()
        self._probes = 0
        self._probe_successes = 0

    def _bucket(self) -> _Bucket:
        number = int(self._clock() * BUCKETS / self._settings.window_seconds)
        # A clock that goes back counts on in the bucket it had reached.
        if not self._buckets or self._buckets[-1].number < number:
            self._buckets.append(_Bucket(number))
        return self._buckets[-1]

    def _is_failing(self) -> bool:
        first = self._buckets[-1].number - BUCKETS + 1
        recent = [bucket for bucket in self._buckets if bucket.number >= first]
        calls = sum(bucket.calls for bucket in recent)
        failures = sum(bucket.failures for bucket in recent)
        return (
            calls >= self._settings.calls_min and failures >= calls * self._settings.failure_share
        )
