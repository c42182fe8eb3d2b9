"""A channel behind circuit breakers: one per provider, one per account.

A provider that is down costs a handful of unanswered messages, not a campaign's: as long as its
breaker is open, messages are known not to be sent and stay queued. An account's own breaker opens
when the fault is with it alone.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from subgraphs.shared.breaker import Breaker, BreakerSettings, Permit
from subgraphs.tasks.channels.port import MessageChannel, NotSent, OutgoingMessage, SendOutcome
from subgraphs.tasks.states import Channel

__all__ = ["GuardedChannel"]

#: Accounts with a breaker; the one unused for longest starts anew, closed.
ACCOUNTS_MAX = 10_000
#: An account sends to one part of a provider; its breaker needs more failures than the provider's
#: share of them, so that an outage opens the provider's first.
PROVIDER = BreakerSettings(calls_min=20, failure_share=0.5, open_seconds=1.0, open_seconds_max=30.0)
ACCOUNT = BreakerSettings(calls_min=10, failure_share=0.7, open_seconds=2.0, open_seconds_max=60.0)


class GuardedChannel:
    """A `MessageChannel` that does not call another while it fails."""

    def __init__(
        self, channel: MessageChannel, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._providers = {name: Breaker(PROVIDER, clock) for name in Channel}
        self._accounts: OrderedDict[str, Breaker] = OrderedDict()

    async def send(self, message: OutgoingMessage) -> SendOutcome:
        """Send, unless a breaker says no; then the message was not sent."""
        guards: list[tuple[Breaker, Permit]] = []
        for breaker in (self._providers[message.channel], self._breaker_of(message.account_id)):
            permit = breaker.admit()
            if permit is None:
                _end(Breaker.release, guards)
                return NotSent("BREAKER_OPEN", breaker.retry_after_seconds())
            guards.append((breaker, permit))
        try:
            outcome = await self._channel.send(message)
        except Exception:
            _end(Breaker.fail, guards)
            raise
        except BaseException:
            # Given up by the caller: the provider was slow, or we are stopping.
            _end(Breaker.release, guards)
            raise
        _end(_meaning(outcome), guards)
        return outcome

    def _breaker_of(self, account_id: str) -> Breaker:
        breaker = self._accounts.get(account_id)
        if breaker is None:
            breaker = self._accounts[account_id] = Breaker(ACCOUNT, self._clock)
            if len(self._accounts) > ACCOUNTS_MAX:
                self._accounts.popitem(last=False)
        self._accounts.move_to_end(account_id)
        return breaker


def _meaning(outcome: SendOutcome) -> Callable[[Breaker, Permit], None]:
    match outcome:
        case NotSent(is_provider_fault=True):
            return Breaker.fail
        case NotSent():
            return Breaker.release
        case _:
            return Breaker.succeed


def _end(end: Callable[[Breaker, Permit], None], guards: list[tuple[Breaker, Permit]]) -> None:
    for breaker, permit in guards:
        end(breaker, permit)
