"""No more messages of an account in any second than its pace, whatever has been delayed.

A claim gives each delivery its moment. A process that stood still finds many of these moments past,
and would send what they belong to at once; platforms count over a second and call that too fast.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping

from subgraphs.tasks.states import Channel

__all__ = ["SendWindow"]

WINDOW_SECONDS = 1.0
#: Accounts whose last second is remembered; of one that was unused for longest it is over.
ACCOUNTS_MAX = 10_000


class SendWindow:
    """Remembers when messages of each account began within the last second."""

    def __init__(self, messages_per_second: Mapping[Channel, float]) -> None:
        self._most = {
            channel: max(int(rate * WINDOW_SECONDS), 1)
            for channel, rate in messages_per_second.items()
        }
        self._begun: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_seconds(self, account_id: str, channel: Channel, now: float) -> float:
        """How long the account's next message has to wait; 0 lets it begin, and counts it."""
        begun = self._begun.setdefault(account_id, deque())
        self._begun.move_to_end(account_id)
        if len(self._begun) > ACCOUNTS_MAX:
            self._begun.popitem(last=False)
        while begun and begun[0] <= now - WINDOW_SECONDS:
            begun.popleft()
        if len(begun) >= self._most[channel]:
            return begun[0] + WINDOW_SECONDS - now
        begun.append(now)
        return 0.0
