"""Faults that are switched on and off while the simulator runs."""

from enum import StrEnum
from typing import Any

import msgspec

from subgraphs.tasks.channels.fate import share_of

__all__ = ["Fault", "FaultKind", "Faults"]

FAULTS_MAX = 100


class FaultKind(StrEnum):
    """What goes wrong."""

    #: The platform's own error `code`, with `description` for Telegram; nothing is accepted.
    ERROR = "error"
    #: A status without the platform's body, as a proxy answers it; nothing is accepted.
    STATUS = "status"
    #: The connection is cut before the message is accepted, or right after.
    CLOSE_BEFORE = "close_before"
    CLOSE_AFTER = "close_after"
    #: The answer to an accepted message takes `seconds` longer.
    SLOW = "slow"
    #: An accepted message is answered with something that is no JSON.
    GARBLED = "garbled"
    WEBHOOK_DROP = "webhook_drop"
    WEBHOOK_REPEAT = "webhook_repeat"
    WEBHOOK_SHUFFLE = "webhook_shuffle"


class Fault(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One fault: what, for whom, how often. `left` counts down, None is for ever."""

    kind: FaultKind
    platform: str | None = None
    account: str | None = None
    recipient: str | None = None
    share: float = 1.0
    left: int | None = None
    code: int = 0
    description: str = ""
    parameters: dict[str, Any] = {}
    seconds: float = 0.0


class Faults:
    """The faults that are on."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._faults: list[Fault] = []

    def set(self, faults: list[Fault]) -> None:
        """Exchange all faults; raises `ValueError` for too many."""
        if len(faults) > FAULTS_MAX:
            raise ValueError(f"at most {FAULTS_MAX} faults")
        self._faults = faults

    def listing(self) -> list[Fault]:
        """What is on."""
        return list(self._faults)

    def find(self, platform: str, account: str, recipient: str, *kinds: FaultKind) -> Fault | None:
        """The first fault of these kinds that hits the message; counts it."""
        for fault in self._faults:
            if fault.kind not in kinds or not self._hits(fault, platform, account, recipient):
                continue
            if fault.left is not None:
                if fault.left <= 0:
                    continue
                fault.left -= 1
            return fault
        return None

    def _hits(self, fault: Fault, platform: str, account: str, recipient: str) -> bool:
        return (
            fault.platform in (None, platform)
            and fault.account in (None, account)
            and fault.recipient in (None, recipient)
            and share_of(self._seed, recipient, fault.kind) < fault.share
        )
