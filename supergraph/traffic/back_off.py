"""When a subgraph that failed is tried again, for all that wait for it together; no I/O."""

import random
from collections.abc import Callable

__all__ = ["BackOff"]

#: The pause after the first failure; each further one doubles it, up to the maximum. It may be
#: short, since few try after each pause.
FIRST_SECONDS = 0.25
MAX_SECONDS = 2.0
#: Those that wait come one by one within this time after the pause.
SPREAD_SECONDS = 0.5
#: A subgraph that did not fail for so long has recovered.
RECOVERED_SECONDS = 15.0


class BackOff:
    """Failures of tries that were made at the same time count as one, however many there are."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._failures = 0
        self._failed_at = -RECOVERED_SECONDS
        self.retry_at = 0.0

    def __repr__(self) -> str:
        return f"<BackOff after {self._failures} failures>"

    def failed(self, began_at: float, now: float) -> bool:
        """Note the failure of a try that began then; false when it tells nothing new."""
        if began_at <= self._failed_at and now < self.retry_at:
            return False
        has_recovered = now - self._failed_at > RECOVERED_SECONDS
        self._failures = 1 if has_recovered else self._failures + 1
        self._failed_at = now
        self.retry_at = now + min(FIRST_SECONDS * 2 ** (self._failures - 1), MAX_SECONDS)
        return True

    def seconds(self, now: float) -> float:
        """How long to wait before the next try, another time for each that asks."""
        return max(0.0, self.retry_at - now) + self._chance() * SPREAD_SECONDS
