"""What was accepted: a file that others count in, and counters of our own.

The file gets one line of JSON in one write for each accepted message, before it is answered, so it
is the independent record of duplicates and losses. The counters need memory for fingerprints only
(`fingerprints`), and per account a second's worth of moments.
"""

import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from subgraphs.tasks.simulator.fingerprints import FingerprintTable

__all__ = ["AcceptedMessage", "AccountCounters", "Ledger"]

#: Accounts with counters of their own; those of a test are tens.
ACCOUNTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class AcceptedMessage:
    """A message as the provider sees it; `delivery` is what the sender called it, if it may."""

    platform: str
    account: str
    recipient: str
    text: str
    message_id: str
    delivery: str | None = None


@dataclass(slots=True)
class AccountCounters:
    """One account's numbers."""

    accepted: int = 0
    refused: int = 0
    duplicates: int = 0
    rate_max: int = 0
    rate_violations: int = 0
    disobeyed: int = 0
    recent: deque[float] = field(default_factory=deque)

    def count_arrival(self, now: float) -> None:
        """Count a message that arrived, accepted or not, in the second that ends now."""
        self.recent.append(now)
        while self.recent[0] <= now - 1.0:
            self.recent.popleft()
        self.rate_max = max(self.rate_max, len(self.recent))

    def as_json(self) -> dict[str, int]:
        """What `/control/stats` tells."""
        return {
            "accepted": self.accepted,
            "refused": self.refused,
            "duplicates": self.duplicates,
            "rateMax": self.rate_max,
            "rateViolations": self.rate_violations,
            "disobeyed": self.disobeyed,
        }


class Ledger:
    """Records accepted messages."""

    def __init__(self, log_path: str | None) -> None:
        self._log = None if log_path is None else _open_log(Path(log_path))
        self.reset()

    def reset(self) -> None:
        """Forget the numbers; the file goes on."""
        self._accounts: dict[str, AccountCounters] = {}
        self._deliveries = FingerprintTable()
        self._contents = FingerprintTable()
        self._by_delivery = 0
        self._by_content = 0

    def of(self, platform: str, account: str) -> AccountCounters:
        """The counters of an account."""
        name = f"{platform}:{account}"
        counters = self._accounts.get(name)
        if counters is None:
            counters = self._accounts[name] = AccountCounters()
            if len(self._accounts) > ACCOUNTS_MAX:
                del self._accounts[next(iter(self._accounts))]
        return counters

    def accept(self, message: AcceptedMessage, now: float) -> None:
        """Count and record a message; from here on the provider has it."""
        counters = self.of(message.platform, message.account)
        counters.accepted += 1
        content = f"{message.platform}\n{message.account}\n{message.recipient}\n{message.text}"
        # The delivery without the attempt: a second attempt is what must not happen.
        delivery = message.delivery and message.delivery.partition("/")[0]
        is_known = self._contents.add(content)
        self._by_content += is_known
        is_same = delivery is not None and self._deliveries.add(delivery)
        self._by_delivery += is_same
        counters.duplicates += is_known or is_same
        if self._log is not None:
            line = {
                "platform": message.platform,
                "account": message.account,
                "recipient": message.recipient,
                "delivery": message.delivery,
                "message": message.message_id,
                "at": now,
            }
            # One write to a file opened for append: lines of several processes never mix.
            os.write(self._log, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def stats(self) -> dict[str, Any]:
        """Every counter, as `/control/stats` answers it."""
        accounts = {name: counters.as_json() for name, counters in self._accounts.items()}
        totals = {
            name: sum(account[name] for account in accounts.values())
            for name in ("accepted", "refused", "duplicates", "rateViolations", "disobeyed")
        }
        return totals | {
            "duplicatesByDelivery": self._by_delivery,
            "duplicatesByContent": self._by_content,
            "accounts": accounts,
        }

    def close(self) -> None:
        """Close the file."""
        if self._log is not None:
            os.close(self._log)
            self._log = None


def _open_log(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
