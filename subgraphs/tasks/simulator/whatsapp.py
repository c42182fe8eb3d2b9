"""The simulated WhatsApp Cloud API: messages in, status webhooks out, with the real shapes.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

import itertools
import secrets
import time
from typing import Any

import aiohttp
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from subgraphs.tasks.channels.whatsapp_errors import ERRORS
from subgraphs.tasks.simulator.faults import FaultKind
from subgraphs.tasks.simulator.fingerprints import FingerprintTable
from subgraphs.tasks.simulator.ledger import AcceptedMessage, AccountCounters
from subgraphs.tasks.simulator.limits import PerSecond, Spacing, UniqueRecipients
from subgraphs.tasks.simulator.state import SimulatorState
from subgraphs.tasks.simulator.webhooks import WebhookTarget

__all__ = ["SimulatedWhatsApp"]

PLATFORM = "whatsapp"
WINDOW_SECONDS = 24 * 3600
#: The HTTP status of an error code, where it is not 400.
STATUS_BY_CODE = {
    code: status
    for status, codes in {
        401: (0, 190),
        403: (10, 200, 368, 131005, 131031),
        404: (132001,),
        429: (4, 80007, 130429, 131048, 131056),
        500: (3, 131000, 131016, 131045, 131057),
        503: (2, 133004),
    }.items()
    for code in codes
}


class SimulatedWhatsApp:
    """Numbers by their ids; any id with any token is one."""

    def __init__(self, state: SimulatorState) -> None:
        self._state = state
        self._webhook_url = state.config.whatsapp_webhook_url
        self.reset()

    def reset(self) -> None:
        """Forget limits, windows and messages; the webhook stays set."""
        config = self._state.config
        self._messages = itertools.count(1)
        self._numbers = PerSecond(config.whatsapp_per_second)
        self._pairs = Spacing(config.whatsapp_pair_seconds)
        self._recipients = UniqueRecipients(config.whatsapp_tier)
        #: Number and customer: when the customer wrote last.
        self._written = FingerprintTable()

    def routes(self) -> list[Route]:
        """`/<version>/<phone number id>/messages` and `/<version>/<app id>/subscriptions`."""
        return [
            Route("/v{version}/{number}/messages", self._send, methods=["POST"]),
            Route("/v{version}/{app}/subscriptions", self._subscribe, methods=["POST"]),
        ]

    def tell_message(self, number: str, sender: str, text: str) -> bool:
        """Let a person write to a number, which opens the window; false without a webhook."""
        self._written.put(f"{number}:{sender}", int(time.time()))
        message = {
            "from": sender,
            "id": f"wamid.in.{number}.{next(self._messages)}",
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": text},
        }
        contacts = [{"profile": {"name": "Person"}, "wa_id": sender}]
        return self._tell(0.0, number, {"contacts": contacts, "messages": [message]})

    async def _subscribe(self, request: Request) -> Response:
        """Set the webhook, once it has answered the challenge.

        https://developers.facebook.com/docs/graph-api/reference/app/subscriptions
        """
        wanted = await _payload(request) or {}
        url = str(wanted.get("callback_url", ""))
        challenge = secrets.token_hex(8)
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": str(wanted.get("verify_token", "")),
            "hub.challenge": challenge,
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5.0)) as session,
                session.get(url, params=query) as reply,
            ):
                is_proven = reply.status == 200 and await reply.text() == challenge
        except (aiohttp.ClientError, TimeoutError, ValueError):
            is_proven = False
        if not is_proven:
            return _error(2200, "Callback verification failed.")
        self._webhook_url = url
        return _json({"success": True}, 200)

    async def _send(self, request: Request) -> Response:
        state = self._state
        number = request.path_params["number"]
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _error(190, "Access token is missing")
        wanted = await _payload(request)
        if wanted is None or wanted.get("messaging_product") != "whatsapp":
            return _error(100, "The parameter messaging_product is required.")
        recipient = str(wanted.get("to", "")).removeprefix("+")
        await state.travel(recipient)
        now = time.time()
        counters = state.ledger.of(PLATFORM, number)
        counters.count_arrival(now)
        fault = state.fault_before(request, PLATFORM, number, recipient)
        if isinstance(fault, Response):
            return fault
        refusal = (
            _error(fault.code, fault.description)
            if fault is not None
            else self._judge_rate(number, recipient, counters, now)
            or self._judge_message(recipient, wanted)
        )
        if refusal is not None:
            counters.refused += 1
            await state.travel(recipient)
            return refusal
        return await self._accept(request, number, recipient, wanted)

    async def _accept(
        self, request: Request, number: str, recipient: str, wanted: dict[str, Any]
    ) -> Response:
        delivery = wanted.get("biz_opaque_callback_data")
        message = AcceptedMessage(
            platform=PLATFORM,
            account=number,
            recipient=recipient,
            text=orjson.dumps(wanted.get("template") or wanted.get("text")).decode(),
            message_id=f"wamid.{number}.{next(self._messages)}",
            delivery=delivery if isinstance(delivery, str) else None,
        )
        late_error = self._late_error(number, recipient, wanted)
        if late_error is not None and self._webhook_url is None:
            return _error(late_error)
        self._tell_statuses(message, late_error)
        answer = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": wanted.get("to"), "wa_id": recipient}],
            "messages": [{"id": message.message_id, "message_status": "accepted"}],
        }
        return await self._state.accept(request, message, lambda: _json(answer, 200))

    def _judge_rate(
        self, number: str, recipient: str, counters: AccountCounters, now: float
    ) -> Response | None:
        for limit, code in (
            (self._numbers.take(number, now), 130429),
            (self._pairs.take(f"{number}:{recipient}", now), 131056),
        ):
            if not limit:
                counters.rate_violations += 1
                return _error(code)
        if not self._recipients.take(number, recipient, now):
            # Meta documents no code for the daily limit; this one says the same about a number.
            return _error(131048)
        return None

    def _judge_message(self, recipient: str, wanted: dict[str, Any]) -> Response | None:
        if not recipient.isdecimal():
            return _error(131009, "The recipient is not a phone number.")
        if wanted.get("type") == "template":
            return self._judge_template(wanted.get("template"))
        text = wanted.get("text")
        if not isinstance(text, dict) or not text.get("body"):
            return _error(131008)
        return None

    def _judge_template(self, template: Any) -> Response | None:
        if not isinstance(template, dict) or not template.get("name"):
            return _error(131008)
        known = self._state.config.whatsapp_templates
        if known is None:
            return None
        if template["name"] not in known:
            return _error(132001)
        given = sum(len(c.get("parameters", [])) for c in template.get("components", []))
        return None if given == known[template["name"]] else _error(132000)

    def _late_error(self, number: str, recipient: str, wanted: dict[str, Any]) -> int | None:
        """What the platform finds out only after it has accepted the message."""
        written = self._written.get(f"{number}:{recipient}")
        is_open = written is not None and time.time() - written < WINDOW_SECONDS
        if wanted.get("type") != "template" and not is_open:
            return 131047
        return (
            131026
            if self._state.share(recipient, "fate") < self._state.config.failed_share
            else None
        )

    def _tell_statuses(self, message: AcceptedMessage, late_error: int | None) -> None:
        state, place = self._state, (PLATFORM, message.account, message.recipient)
        stages = _stages(state, message.recipient, late_error)
        is_shuffled = state.faults.find(*place, FaultKind.WEBHOOK_SHUFFLE) is not None
        is_repeated = state.faults.find(*place, FaultKind.WEBHOOK_REPEAT) is not None
        step = state.config.webhook_delay_seconds
        for place_in_order, stage in enumerate(stages, 1):
            if state.faults.find(*place, FaultKind.WEBHOOK_DROP) is not None:
                continue
            delay = step * place_in_order
            if is_shuffled:
                delay = step * len(stages) * state.share(message.recipient, f"order:{stage}")
            status = _status(message, stage, late_error)
            for copy in range(3 if is_repeated else 1):
                self._tell(delay * (1 + copy), message.account, {"statuses": [status]})

    def _tell(self, delay: float, number: str, content: dict[str, Any]) -> bool:
        if self._webhook_url is None:
            return False
        secret = self._state.config.whatsapp_app_secret
        target = WebhookTarget(PLATFORM, self._webhook_url, secret)
        metadata = {"display_phone_number": "15550000000", "phone_number_id": number}
        value = {"messaging_product": "whatsapp", "metadata": metadata, **content}
        self._state.webhooks.add(delay, target, value)
        return True


def _stages(state: SimulatorState, recipient: str, late_error: int | None) -> list[str]:
    if late_error is not None:
        return ["failed"]
    attention = state.share(recipient, "attention")
    if attention < state.config.read_share:
        return ["sent", "delivered", "read"]
    return ["sent", "delivered"] if attention < state.config.delivered_share else ["sent"]


def _status(message: AcceptedMessage, stage: str, late_error: int | None) -> dict[str, Any]:
    status: dict[str, Any] = {
        "id": message.message_id,
        "status": stage,
        "timestamp": str(int(time.time())),
        "recipient_id": message.recipient,
    }
    if message.delivery is not None:
        status["biz_opaque_callback_data"] = message.delivery
    if stage == "failed":
        title = ERRORS[late_error or 131026].title
        status["errors"] = [{"code": late_error, "title": title, "message": title}]
    return status


async def _payload(request: Request) -> dict[str, Any] | None:
    try:
        wanted = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None
    return wanted if isinstance(wanted, dict) else None


def _error(code: int, details: str = "") -> Response:
    row = ERRORS.get(code)
    title = row.title if row else "Unknown error"
    error = {
        "message": f"(#{code}) {title}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details or title},
        "fbtrace_id": "simulated",
    }
    return _json({"error": error}, STATUS_BY_CODE.get(code, 400))


def _json(content: object, status: int) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
