"""What only the tasks service is told from outside: the worker, its pace, the channel."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from subgraphs.shared.settings import SettingsError
from subgraphs.tasks.channels.official import OfficialSettings
from subgraphs.tasks.channels.simulated import SimulatedSettings
from subgraphs.tasks.states import Channel

__all__ = [
    "WebhookSettings",
    "WorkerSettings",
    "load_accounts_url",
    "load_webhook_settings",
    "load_worker_settings",
]

ACCOUNTS_URL_SCHEMES = ("http://", "https://")
CHANNEL_IMPLEMENTATIONS = ("simulated", "official")
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
#: A tenth below what the platforms allow: the network between us bunches messages up, and the
#: platforms count what arrives.
OFFICIAL_PER_SECOND = {Channel.TELEGRAM: 27.0, Channel.WHATSAPP: 72.0}

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker sends.

    `lease_seconds` is how long a claimed delivery may stay without a result before it is given up
    as UNCONFIRMED; the clocks of the workers' machines must agree much better than that.
    """

    is_embedded_on: bool = True
    messages_per_second: Mapping[Channel, float] = field(
        default_factory=lambda: {Channel.TELEGRAM: 30.0, Channel.WHATSAPP: 80.0}
    )
    recipient_spacing_seconds: Mapping[Channel, float] = field(
        default_factory=lambda: {Channel.TELEGRAM: 1.0, Channel.WHATSAPP: 6.0}
    )
    lease_seconds: float = 30.0
    send_timeout_seconds: float = 10.0
    simulated: SimulatedSettings = field(default_factory=SimulatedSettings)
    #: None: the simulated channel is used.
    official: OfficialSettings | None = None
    credentials_file: Path | None = None


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """What proves that a webhook request comes from Meta; without it WhatsApp's are refused."""

    whatsapp_app_secret: str | None = field(default=None, repr=False)
    whatsapp_verify_token: str | None = field(default=None, repr=False)
    credentials_file: Path | None = None


def load_webhook_settings(environment: Mapping[str, str] | None = None) -> WebhookSettings:
    """Read the `TASKS_*` settings of the webhooks."""
    values = os.environ if environment is None else environment
    return WebhookSettings(
        whatsapp_app_secret=values.get("TASKS_WHATSAPP_APP_SECRET") or None,
        whatsapp_verify_token=values.get("TASKS_WHATSAPP_VERIFY_TOKEN") or None,
        credentials_file=_credentials_file(values),
    )


def load_accounts_url(environment: Mapping[str, str] | None = None) -> str | None:
    """Where the accounts service answers; None lets the service look for it by itself."""
    values = os.environ if environment is None else environment
    url = values.get("TASKS_ACCOUNTS_URL") or None
    if url is not None and not url.startswith(ACCOUNTS_URL_SCHEMES):
        raise SettingsError("TASKS_ACCOUNTS_URL must start with http:// or https://")
    return url


def load_worker_settings(environment: Mapping[str, str] | None = None) -> WorkerSettings:
    """Read the `TASKS_*` settings of the worker; a wrong one raises `SettingsError`."""
    values = os.environ if environment is None else environment
    channel = values.get("TASKS_CHANNEL") or "simulated"
    if channel not in CHANNEL_IMPLEMENTATIONS:
        known = ", ".join(CHANNEL_IMPLEMENTATIONS)
        raise SettingsError(f"TASKS_CHANNEL={channel} is not known; it must be one of: {known}")
    is_official = channel == "official"
    defaults = WorkerSettings()
    pace = OFFICIAL_PER_SECOND if is_official else defaults.messages_per_second
    lease = _number(values, "TASKS_LEASE_SECONDS", defaults.lease_seconds, (1.0, 3600.0))
    return WorkerSettings(
        is_embedded_on=_switch(values, "TASKS_WORKER"),
        messages_per_second={
            channel: _number(values, f"TASKS_{channel.value}_PER_SECOND", rate, (0.1, 1000.0))
            for channel, rate in pace.items()
        },
        lease_seconds=lease,
        send_timeout_seconds=min(defaults.send_timeout_seconds, lease / 3),
        simulated=_simulated(values),
        official=_official(values) if is_official else None,
        credentials_file=_credentials_file(values),
    )


def _official(values: Mapping[str, str]) -> OfficialSettings:
    defaults = OfficialSettings()
    return OfficialSettings(
        telegram_url=_provider_url(values, "TASKS_TELEGRAM_URL", defaults.telegram_url),
        whatsapp_url=_provider_url(values, "TASKS_WHATSAPP_URL", defaults.whatsapp_url),
    )


def _provider_url(values: Mapping[str, str], variable: str, default: str) -> str:
    url = values.get(variable) or default
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    # Tokens travel with every request, so nothing but this machine is spoken to in the clear.
    is_safe = host and (
        parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK_HOSTS)
    )
    if not is_safe or parts.query or parts.fragment:
        raise SettingsError(f"{variable} must start with https://, or be http:// on this machine")
    return url


def _credentials_file(values: Mapping[str, str]) -> Path | None:
    text = values.get("TASKS_CREDENTIALS_FILE")
    return Path(text) if text else None


def _simulated(values: Mapping[str, str]) -> SimulatedSettings:
    defaults = SimulatedSettings()
    prefix = "TASKS_SIMULATED_"
    latency = _number(values, f"{prefix}LATENCY_SECONDS", defaults.latency_seconds, (0.0, 60.0))
    log_path = values.get(f"{prefix}LOG")
    return SimulatedSettings(
        seed=_number(values, f"{prefix}SEED", defaults.seed, (0, 2**31)),
        latency_seconds=latency,
        failed_share=_number(values, f"{prefix}FAILED_SHARE", defaults.failed_share, (0.0, 1.0)),
        blocked_share=_number(values, f"{prefix}BLOCKED_SHARE", defaults.blocked_share, (0.0, 1.0)),
        log_path=Path(log_path) if log_path else None,
    )


def _switch(values: Mapping[str, str], variable: str) -> bool:
    text = values.get(variable) or "on"
    if text not in {"on", "off"}:
        raise SettingsError(f"{variable} must be on or off")
    return text == "on"


def _number(
    values: Mapping[str, str], variable: str, default: Number, bounds: tuple[Number, Number]
) -> Number:
    text = values.get(variable)
    if not text:
        return default
    convert: Callable[[str], Number] = type(default)
    try:
        number = convert(text)
    except ValueError:
        number = None
    low, high = bounds
    if number is None or not low <= number <= high:
        raise SettingsError(f"{variable} must be a number from {low} to {high}")
    return number
