"""The simulator's own endpoints: its counters, its faults, and people who write or block.

- `GET /control/stats`: every counter.
- `GET`, `PUT`, `DELETE /control/faults`: the faults that are on, as a list; see `Fault`.
- `POST /control/inbound`: `{"platform", "account", "sender", "text"}`, or `"blocked": true|false`.
- `POST /control/reset`: numbers, limits, faults and waiting webhooks are forgotten.
"""

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from subgraphs.tasks.simulator.faults import Fault
from subgraphs.tasks.simulator.state import SimulatorState
from subgraphs.tasks.simulator.telegram import SimulatedTelegram
from subgraphs.tasks.simulator.whatsapp import SimulatedWhatsApp

__all__ = ["Control"]


class _Inbound(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a person does: write, block or unblock."""

    platform: str
    account: str
    sender: str
    text: str | None = None
    blocked: bool | None = None


class Control:
    """The endpoints under `/control`."""

    def __init__(
        self, state: SimulatorState, telegram: SimulatedTelegram, whatsapp: SimulatedWhatsApp
    ) -> None:
        self._state = state
        self._telegram = telegram
        self._whatsapp = whatsapp

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/control/stats", self._stats),
            Route("/control/faults", self._faults, methods=["GET", "PUT", "DELETE"]),
            Route("/control/inbound", self._inbound, methods=["POST"]),
            Route("/control/reset", self._reset, methods=["POST"]),
        ]

    async def _stats(self, _request: Request) -> Response:
        webhooks = self._state.webhooks
        numbers = self._state.ledger.stats()
        return _json(numbers | {"webhooks": webhooks.counters | {"pending": webhooks.pending}})

    async def _faults(self, request: Request) -> Response:
        faults = self._state.faults
        try:
            if request.method == "PUT":
                faults.set(msgspec.json.decode(await request.body(), type=list[Fault]))
            elif request.method == "DELETE":
                faults.set([])
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        return _json(msgspec.to_builtins(faults.listing()))

    async def _inbound(self, request: Request) -> Response:
        try:
            wanted = msgspec.json.decode(await request.body(), type=_Inbound)
            is_told = self._tell(wanted)
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        return _json({"told": is_told})

    async def _reset(self, _request: Request) -> Response:
        self._state.ledger.reset()
        self._state.faults.set([])
        self._state.webhooks.clear()
        self._telegram.reset()
        self._whatsapp.reset()
        return _json({})

    def _tell(self, wanted: _Inbound) -> bool:
        if wanted.platform == "whatsapp":
            text = wanted.text or ""
            return self._whatsapp.tell_message(wanted.account, wanted.sender, text)
        if wanted.blocked is not None:
            return self._telegram.tell_block(wanted.account, wanted.sender, wanted.blocked)
        return self._telegram.tell_message(wanted.account, wanted.sender, wanted.text or "")


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
