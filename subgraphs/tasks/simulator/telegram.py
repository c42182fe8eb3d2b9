"""The simulated Telegram Bot API: the methods our channel needs, with the real shapes.

https://core.telegram.org/bots/api
"""

import itertools
import math
import re
import time
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from subgraphs.tasks.simulator.faults import Fault
from subgraphs.tasks.simulator.ledger import AcceptedMessage, AccountCounters
from subgraphs.tasks.simulator.limits import PerSecond, Spacing
from subgraphs.tasks.simulator.state import SimulatorState
from subgraphs.tasks.simulator.webhooks import WebhookTarget

__all__ = ["SimulatedTelegram"]

PLATFORM = "telegram"
TOKEN = re.compile(r"([0-9]{6,12}):[A-Za-z0-9_-]{30,64}")
TEXT_CHARACTERS_MAX = 4_096
GROUP_WINDOW_SECONDS = 60.0


@dataclass(slots=True)
class _Rest:
    """Until when a bot has been told to wait, and since when it knows."""

    until: float = 0.0
    known_at: float = 0.0


class SimulatedTelegram:
    """Bots by their ids; any token of the right form is one."""

    def __init__(self, state: SimulatorState) -> None:
        self._state = state
        self._targets: dict[str, WebhookTarget] = {}
        self._updates = itertools.count(1)
        self.reset()

    def reset(self) -> None:
        """Forget limits and messages; webhooks stay set."""
        config = self._state.config
        self._messages = itertools.count(1)
        self._rests: dict[str, _Rest] = {}
        self._bots = PerSecond(config.telegram_per_second)
        self._chats = Spacing(config.telegram_chat_seconds)
        self._groups = PerSecond(config.telegram_group_per_minute, GROUP_WINDOW_SECONDS)

    def routes(self) -> list[Route]:
        """`/bot<token>/<method>`, by GET and POST as the real one."""
        return [Route("/bot{token}/{method}", self._call, methods=["GET", "POST"])]

    def tell_message(self, bot: str, chat: str, text: str) -> bool:
        """Let a person write to a bot; false when the bot has no webhook."""
        message = {
            "message_id": next(self._messages),
            "date": int(time.time()),
            "chat": {"id": int(chat), "type": "private"},
            "from": {"id": int(chat), "is_bot": False, "first_name": "Person"},
            "text": text,
        }
        return self._tell(bot, {"message": message})

    def tell_block(self, bot: str, chat: str, is_blocked: bool) -> bool:
        """Let a person block a bot, or unblock it; false when the bot has no webhook."""
        before, after = ("member", "kicked") if is_blocked else ("kicked", "member")
        user = {"id": int(bot), "is_bot": True, "first_name": "Bot"}
        change = {
            "chat": {"id": int(chat), "type": "private"},
            "from": {"id": int(chat), "is_bot": False, "first_name": "Person"},
            "date": int(time.time()),
            "old_chat_member": {"user": user, "status": before},
            "new_chat_member": {"user": user, "status": after},
        }
        return self._tell(bot, {"my_chat_member": change})

    def _tell(self, bot: str, content: dict[str, Any]) -> bool:
        target = self._targets.get(bot)
        if target is not None:
            self._state.webhooks.add(0.0, target, {"update_id": next(self._updates), **content})
        return target is not None

    async def _call(self, request: Request) -> Response:
        token = TOKEN.fullmatch(request.path_params["token"])
        if token is None:
            return _error(404, "Not Found")
        arguments = await _arguments(request)
        bot = token[1]
        match request.path_params["method"].lower():
            case "sendmessage":
                return await self._send_message(request, bot, arguments)
            case "getme":
                me = {"id": int(bot), "is_bot": True, "first_name": "Bot", "username": f"b{bot}bot"}
                return _ok(me)
            case "setwebhook":
                return self._set_webhook(bot, arguments)
            case "deletewebhook":
                self._targets.pop(bot, None)
                return _ok(True)
            case "getwebhookinfo":
                target = self._targets.get(bot)
                return _ok({"url": target.url if target else "", "pending_update_count": 0})
            case _:
                return _error(404, "Not Found: method not found")

    def _set_webhook(self, bot: str, arguments: dict[str, Any]) -> Response:
        url = str(arguments.get("url", ""))
        if not url:
            self._targets.pop(bot, None)
        else:
            secret = str(arguments.get("secret_token", ""))
            self._targets[bot] = WebhookTarget(PLATFORM, url, secret)
        return _ok(True)

    async def _send_message(
        self, request: Request, bot: str, arguments: dict[str, Any]
    ) -> Response:
        state = self._state
        chat, text = str(arguments.get("chat_id", "")), str(arguments.get("text", ""))
        await state.travel(chat)
        now = time.time()
        counters = state.ledger.of(PLATFORM, bot)
        counters.count_arrival(now)
        fault = state.fault_before(request, PLATFORM, bot, chat)
        if isinstance(fault, Response):
            return fault
        refusal = (
            self._fault(fault, bot, now)
            or self._judge_rate(bot, chat, counters, now)
            or self._judge_message(chat, text)
        )
        if refusal is not None:
            counters.refused += 1
            await state.travel(chat)
            return refusal
        number = next(self._messages)
        message = AcceptedMessage(PLATFORM, bot, chat, text, str(number))
        return await state.accept(request, message, lambda: _ok(_message(number, chat, text)))

    def _fault(self, fault: Fault | None, bot: str, now: float) -> Response | None:
        if fault is None:
            return None
        retry_after = fault.parameters.get("retry_after")
        if isinstance(retry_after, int):
            self._rests[bot] = _Rest(now + retry_after, now)
        return _error(fault.code, fault.description, fault.parameters)

    def _judge_rate(
        self, bot: str, chat: str, counters: AccountCounters, now: float
    ) -> Response | None:
        config = self._state.config
        rest = self._rests.setdefault(bot, _Rest())
        if now < rest.until:
            counters.disobeyed += now > rest.known_at + config.obey_grace_seconds
            return _too_many(rest.until - now)
        if not self._bots.take(bot, now):
            counters.rate_violations += 1
            rest.until = now + config.telegram_retry_after_seconds
            rest.known_at = now
            return _too_many(config.telegram_retry_after_seconds)
        pair = f"{bot}:{chat}"
        is_group = chat.startswith("-")
        fits = self._groups.take(pair, now) if is_group else self._chats.take(pair, now)
        if not fits:
            counters.rate_violations += 1
            return _too_many(config.telegram_chat_seconds or 1.0)
        return None

    def _judge_message(self, chat: str, text: str) -> Response | None:
        config = self._state.config
        if not chat:
            return _error(400, "Bad Request: chat_id is empty")
        if not text:
            return _error(400, "Bad Request: message text is empty")
        if len(text) > TEXT_CHARACTERS_MAX:
            return _error(400, "Bad Request: message is too long")
        fate = self._state.share(chat, "fate")
        if fate < config.failed_share / 2:
            return _error(400, "Bad Request: chat not found")
        if fate < config.failed_share:
            return _error(403, "Forbidden: user is deactivated")
        if fate < config.failed_share + config.blocked_share:
            return _error(403, "Forbidden: bot was blocked by the user")
        return None


async def _arguments(request: Request) -> dict[str, Any]:
    arguments: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json") and body:
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            given = {}
        arguments |= given if isinstance(given, dict) else {}
    elif body:
        arguments |= dict(await request.form())
    return arguments


def _message(number: int, chat: str, text: str) -> dict[str, Any]:
    kind = "supergroup" if chat.startswith("-") else "private"
    return {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": int(chat), "type": kind},
        "text": text,
    }


def _ok(result: object) -> Response:
    return _json({"ok": True, "result": result}, 200)


def _too_many(seconds: float) -> Response:
    wait = max(math.ceil(seconds), 1)
    description = f"Too Many Requests: retry after {wait}"
    return _error(429, description, {"retry_after": wait})


def _error(code: int, description: str, parameters: dict[str, Any] | None = None) -> Response:
    content: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        content["parameters"] = parameters
    return _json(content, code)


def _json(content: object, status: int) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
