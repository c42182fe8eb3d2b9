"""The simulated channel: a messaging network for trying things out, inside this process.

It has what a real one has: latency, a rate limit per account, recipients who cannot be reached and
recipients who blocked us. What becomes of a message depends only on the seed and the recipient, so
a campaign has the same numbers on every run. On request it appends every message it accepted to a
file, one JSON line each, which is the independent record that duplicates are counted in.
"""

import asyncio
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from subgraphs.tasks.channels.fate import share_of
from subgraphs.tasks.channels.port import (
    Accepted,
    Blocked,
    OutgoingMessage,
    Rejected,
    SendOutcome,
    Throttled,
)
from subgraphs.tasks.states import Channel, DeliveryState

__all__ = ["SimulatedChannel", "SimulatedSettings"]

#: What the network itself allows; a sender that keeps to its pace never meets it.
ACCEPTED_PER_SECOND = {Channel.TELEGRAM: 33.0, Channel.WHATSAPP: 88.0}
#: Messages above the rate that are still taken, as real networks count over a short window.
BURST_SECONDS = 1.0
LATENCY_SPREAD = 0.5


@dataclass(frozen=True, slots=True)
class SimulatedSettings:
    """How the simulated network behaves; shares are from 0 to 1."""

    seed: int = 1
    latency_seconds: float = 0.08
    failed_share: float = 0.015
    blocked_share: float = 0.0
    delivered_share: float = 0.96
    read_share: float = 0.62
    log_path: Path | None = None


class SimulatedChannel:
    """A `MessageChannel` without a network."""

    def __init__(self, settings: SimulatedSettings) -> None:
        self._settings = settings
        #: Per account the moment up to which its allowance is used.
        self._used_until: dict[str, float] = {}
        self._log = None if settings.log_path is None else _open_log(settings.log_path)

    async def send(self, message: OutgoingMessage) -> SendOutcome:
        """Answer after the latency, as a network would."""
        latency = self._latency(message)
        await asyncio.sleep(latency / 2)
        outcome = self._judge(message)
        if isinstance(outcome, Accepted) and self._log is not None:
            self._record(self._log, message)
        # The way back: a sender that dies here does not know that the message was accepted.
        await asyncio.sleep(latency / 2)
        return outcome

    def close(self) -> None:
        """Close the log."""
        if self._log is not None:
            os.close(self._log)
            self._log = None

    def _judge(self, message: OutgoingMessage) -> SendOutcome:
        wait = self._wait_of_account(message.account_id, message.channel)
        if wait > 0:
            return Throttled(wait)
        settings = self._settings
        fate = self._share(message, "fate")
        if fate < settings.failed_share:
            return Rejected("RECIPIENT_UNREACHABLE")
        if fate < settings.failed_share + settings.blocked_share:
            return Blocked()
        return Accepted(f"sim_{message.attempt_id}_{message.delivery_id}", self._receipt(message))

    def _receipt(self, message: OutgoingMessage) -> DeliveryState:
        attention = self._share(message, "attention")
        if attention < self._settings.read_share:
            return DeliveryState.READ
        if attention < self._settings.delivered_share:
            return DeliveryState.DELIVERED
        return DeliveryState.SENT

    def _wait_of_account(self, account_id: str, channel: Channel) -> float:
        now = time.monotonic()
        used_until = max(self._used_until.get(account_id, 0.0), now - BURST_SECONDS)
        if used_until > now:
            return used_until - now
        self._used_until[account_id] = used_until + 1 / ACCEPTED_PER_SECOND[channel]
        return 0.0

    def _latency(self, message: OutgoingMessage) -> float:
        spread = (self._share(message, "latency") * 2 - 1) * LATENCY_SPREAD
        return self._settings.latency_seconds * (1 + spread)

    def _share(self, message: OutgoingMessage, purpose: str) -> float:
        return share_of(self._settings.seed, message.address, purpose)

    @staticmethod
    def _record(log: int, message: OutgoingMessage) -> None:
        line = {
            "delivery": message.delivery_id,
            "attempt": message.attempt_id,
            "account": message.account_id,
            "address": message.address,
            "at": time.time(),
        }
        # One write to a file opened for append: lines of several processes never mix.
        os.write(log, json.dumps(line).encode() + b"\n")


def _open_log(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
