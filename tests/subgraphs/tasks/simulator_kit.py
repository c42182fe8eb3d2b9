"""A provider simulator on a real socket, its control endpoints, and accounts that send by it."""

import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any

import httpx2
import msgspec

from subgraphs.tasks.accounts.credentials import (
    Credentials,
    StaticCredentials,
    TelegramCredentials,
    WhatsAppCredentials,
)
from subgraphs.tasks.channels.official import OfficialSettings, open_official_channel
from subgraphs.tasks.channels.port import MessageChannel, OutgoingMessage, ProviderTemplate
from subgraphs.tasks.simulator.app import create_simulator_app
from subgraphs.tasks.simulator.config import SimulatorConfig
from subgraphs.tasks.simulator.cut import CuttableProtocol
from subgraphs.tasks.states import Channel

BOT_TOKEN = "1234567890:AAbot-token-that-must-stay-secret-0000"
ACCESS_TOKEN = "EAAaccess-token-that-must-stay-secret-0000"
BOT = TelegramCredentials("acc_bot", "org_acme", BOT_TOKEN, "webhook-secret-of-the-bot")
NUMBER = WhatsAppCredentials("acc_number", "org_acme", "555000111", ACCESS_TOKEN)
SECRETS = (BOT_TOKEN, ACCESS_TOKEN, BOT.webhook_secret)
#: No fates, no limits, no waiting: what a test wants to happen it switches on.
QUIET = SimulatorConfig(
    latency_seconds=0.0,
    failed_share=0.0,
    telegram_per_second=None,
    telegram_chat_seconds=None,
    telegram_group_per_minute=None,
    whatsapp_per_second=None,
    whatsapp_pair_seconds=None,
)


class Simulator:
    """A running simulator."""

    def __init__(self, url: str) -> None:
        self.url = url

    def stats(self) -> dict[str, Any]:
        return self._ask("GET", "/control/stats")

    def account(self, name: str) -> dict[str, int]:
        return self.stats()["accounts"][name]

    def pending_webhooks(self) -> int:
        return self.stats()["webhooks"]["pending"]

    def switch_on(self, *faults: dict[str, Any]) -> None:
        self._ask("PUT", "/control/faults", list(faults))

    def write(self, platform: str, account: str, sender: str, **what: Any) -> None:
        body = {"platform": platform, "account": account, "sender": sender} | what
        assert self._ask("POST", "/control/inbound", body) == {"told": True}

    def reset(self) -> None:
        self._ask("POST", "/control/reset")

    def call(self, path: str, **body: Any) -> dict[str, Any]:
        with httpx2.Client(base_url=self.url) as client:
            return client.post(path, json=body).json()

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        with httpx2.Client(base_url=self.url) as client:
            return client.request(method, path, json=body).raise_for_status().json()


def start_simulator(
    serve: Callable[..., str], config: SimulatorConfig = QUIET, **changes: Any
) -> Simulator:
    """Serve a simulator until the test ends."""
    app = create_simulator_app(msgspec.structs.replace(config, **changes))
    return Simulator(serve(app, http=CuttableProtocol))


@contextlib.asynccontextmanager
async def official_channel(
    url: str, *accounts: Credentials, timeout_seconds: float = 10.0
) -> AsyncGenerator[MessageChannel]:
    """The official channel, told that both providers are at the URL."""
    settings = OfficialSettings(telegram_url=url, whatsapp_url=url)
    credentials = StaticCredentials(accounts or (BOT, NUMBER))
    async with open_official_channel(settings, credentials, timeout_seconds) as channel:
        yield channel


def telegram_message(number: int = 1, **changes: Any) -> OutgoingMessage:
    values = {
        "delivery_id": f"dlv_{number}",
        "attempt_id": "a1",
        "account_id": BOT.account_id,
        "channel": Channel.TELEGRAM,
        "address": str(1_000 + number),
        "text": f"Hello {number}",
    }
    return OutgoingMessage(**(values | changes))


def whatsapp_message(number: int = 1, **changes: Any) -> OutgoingMessage:
    values = {
        "delivery_id": f"dlv_{number}",
        "attempt_id": "a1",
        "account_id": NUMBER.account_id,
        "channel": Channel.WHATSAPP,
        "address": f"+4917000{number:05d}",
        "text": f"Hello {number}",
        "template": ProviderTemplate("autumn_sale", "en", (f"Person {number}",)),
    }
    return OutgoingMessage(**(values | changes))
