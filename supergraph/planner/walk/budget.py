"""What planning one operation may use up, whatever the operation and the supergraph are."""

from collections.abc import Callable
from typing import TypeAlias

from supergraph.error_codes import runtime as codes
from supergraph.errors import GatewayError

__all__ = ["PLANNING_SECONDS_MAX", "SOLUTIONS_MAX", "Budget", "Clock"]

#: Different solutions looked for before planning is given up with QUERY_PLANNING_FAILED. The
#: heaviest operations of the benchmarks need some hundreds.
SOLUTIONS_MAX = 50_000

#: Time looked for solutions before planning is given up with QUERY_PLANNING_FAILED. Ordinary
#: operations need milliseconds; the gateway serves nobody else in the meantime.
PLANNING_SECONDS_MAX = 5.0

#: Solutions between two looks at the clock.
_SOLUTIONS_PER_LOOK = 64

#: Seconds from any fixed moment.
Clock: TypeAlias = Callable[[], float]


class Budget:
    """Counts down for one operation; raises `GatewayError` when a limit is reached."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._give_up_at = clock() + PLANNING_SECONDS_MAX
        self._solutions = 0

    def spend(self) -> None:
        """Pay for one solution."""
        self._solutions += 1
        if self._solutions % _SOLUTIONS_PER_LOOK:
            return
        if self._solutions > SOLUTIONS_MAX:
            raise _given_up(f"{SOLUTIONS_MAX} partial solutions (SOLUTIONS_MAX)")
        if self._clock() > self._give_up_at:
            raise _given_up(f"{PLANNING_SECONDS_MAX:g} seconds (PLANNING_SECONDS_MAX)")


def _given_up(reached: str) -> GatewayError:
    return GatewayError(codes.QUERY_PLANNING_FAILED, f"planning was given up after {reached}")
