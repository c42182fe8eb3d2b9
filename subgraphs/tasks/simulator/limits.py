"""The platforms' rate limits, counted as they count: over what arrives.

State is kept for as long as a limit looks back and no longer: moments of the last second per
account, recipients of the last seconds, groups of the last minute. Unique recipients in 24 hours
are fingerprints, with a count per minute.
"""

from collections import OrderedDict, deque

from subgraphs.tasks.simulator.fingerprints import FingerprintTable

__all__ = ["PerSecond", "Spacing", "UniqueRecipients"]

DAY_MINUTES = 24 * 60


class PerSecond:
    """At most so many in any window, per key."""

    def __init__(self, most: int | None, window_seconds: float = 1.0) -> None:
        self._most = most
        self._window_seconds = window_seconds
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str, now: float) -> bool:
        """Whether one more fits; if so it is counted."""
        if self._most is None:
            return True
        taken = self._taken.setdefault(key, deque())
        self._taken.move_to_end(key)
        _drop_until(taken, now - self._window_seconds)
        if len(taken) >= self._most:
            return False
        taken.append(now)
        self._forget(now)
        return True

    def _forget(self, now: float) -> None:
        # The one used longest ago is first, so this ends at the first that still counts.
        while self._taken:
            key, taken = next(iter(self._taken.items()))
            if taken and taken[-1] > now - self._window_seconds:
                return
            del self._taken[key]


class Spacing:
    """At least so many seconds between two of the same key."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._last: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str, now: float) -> bool:
        """Whether the key may; if so it is noted."""
        if self._seconds is None:
            return True
        while self._last and next(iter(self._last.values())) <= now - self._seconds:
            self._last.popitem(last=False)
        if key in self._last:
            return False
        self._last[key] = now
        return True


class UniqueRecipients:
    """At most so many different recipients of one account in 24 hours, exact to the minute."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._accounts: dict[str, tuple[FingerprintTable, deque[list[int]]]] = {}

    def take(self, account: str, recipient: str, now: float) -> bool:
        """Whether the recipient counts as known, or one more fits."""
        if self._most is None:
            return True
        minute = int(now / 60)
        known, per_minute = self._accounts.setdefault(account, (FingerprintTable(), deque()))
        while per_minute and per_minute[0][0] <= minute - DAY_MINUTES:
            per_minute.popleft()
        first = known.get(recipient)
        if first is not None and first > minute - DAY_MINUTES:
            return True
        if sum(count for _, count in per_minute) >= self._most:
            return False
        known.put(recipient, minute)
        if not per_minute or per_minute[-1][0] != minute:
            per_minute.append([minute, 0])
        per_minute[-1][1] += 1
        return True


def _drop_until(moments: deque[float], limit: float) -> None:
    while moments and moments[0] <= limit:
        moments.popleft()
