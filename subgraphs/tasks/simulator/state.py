"""What both simulated providers share, and the steps that are the same for a message of either."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from subgraphs.tasks.channels.fate import share_of
from subgraphs.tasks.simulator.config import SimulatorConfig
from subgraphs.tasks.simulator.cut import CutConnection
from subgraphs.tasks.simulator.faults import Fault, FaultKind, Faults
from subgraphs.tasks.simulator.ledger import AcceptedMessage, Ledger
from subgraphs.tasks.simulator.webhooks import WebhookSender

__all__ = ["SimulatorState"]

LATENCY_SPREAD = 0.5


class SimulatorState:
    """One simulator: its records, its faults and its outgoing webhooks."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.ledger = Ledger(config.log_path)
        self.faults = Faults(config.seed)
        self.webhooks = WebhookSender()

    def share(self, recipient: str, purpose: str) -> float:
        """What the seed says about a recipient, from 0 to 1."""
        return share_of(self.config.seed, recipient, purpose)

    async def travel(self, recipient: str) -> None:
        """Half of the latency: one way."""
        spread = (self.share(recipient, "latency") * 2 - 1) * LATENCY_SPREAD
        if self.config.latency_seconds > 0:
            await asyncio.sleep(self.config.latency_seconds * (1 + spread) / 2)

    def fault_before(
        self, request: Request, platform: str, account: str, recipient: str
    ) -> Fault | Response | None:
        """A fault that keeps the message from being accepted: the answer, or the error to give."""
        kinds = (FaultKind.CLOSE_BEFORE, FaultKind.STATUS, FaultKind.ERROR)
        fault = self.faults.find(platform, account, recipient, *kinds)
        match fault and fault.kind:
            case FaultKind.CLOSE_BEFORE:
                return CutConnection(request)
            case FaultKind.STATUS if fault is not None:
                return PlainTextResponse("upstream error", fault.code)
            case _:
                return fault

    async def accept(
        self, request: Request, message: AcceptedMessage, answer: Callable[[], Response]
    ) -> Response:
        """Record the message, then answer, unless a fault keeps the answer back."""
        self.ledger.accept(message, time.time())
        place = (message.platform, message.account, message.recipient)
        kinds = (FaultKind.CLOSE_AFTER, FaultKind.SLOW, FaultKind.GARBLED)
        fault = self.faults.find(*place, *kinds)
        match fault and fault.kind:
            case FaultKind.CLOSE_AFTER:
                return CutConnection(request)
            case FaultKind.GARBLED:
                return PlainTextResponse("<html>502</html>", 200)
            case FaultKind.SLOW if fault is not None:
                await asyncio.sleep(fault.seconds)
        await self.travel(message.recipient)
        return answer()


Handler = Callable[[Request], Awaitable[Response]]
