"""How the simulated providers behave."""

from pathlib import Path

import msgspec

__all__ = ["SimulatorConfig", "load_config"]


class SimulatorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Shares are from 0 to 1 and of recipients; None as a limit means: none.

    What becomes of a message depends on `seed` and the recipient only, except for faults.
    """

    seed: int = 1
    latency_seconds: float = 0.05
    failed_share: float = 0.015
    blocked_share: float = 0.0
    delivered_share: float = 0.96
    read_share: float = 0.62

    #: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    telegram_per_second: int | None = 30
    telegram_chat_seconds: float | None = 1.0
    telegram_group_per_minute: int | None = 20
    telegram_retry_after_seconds: int = 1
    #: https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput
    whatsapp_per_second: int | None = 80
    whatsapp_pair_seconds: float | None = 6.0
    #: Unique recipients in 24 hours.
    whatsapp_tier: int | None = None
    #: Approved templates and how many parameters each takes; None: any.
    whatsapp_templates: dict[str, int] | None = None
    #: Messages that were on their way when the refusal was answered are no disobedience.
    obey_grace_seconds: float = 0.5

    #: Where WhatsApp's webhooks go; without it, until one is subscribed, there are none.
    whatsapp_webhook_url: str | None = None
    whatsapp_app_secret: str = "simulated-app-secret"  # noqa: S105 - of nothing real
    #: From one status of a message to the next.
    webhook_delay_seconds: float = 0.05

    #: One line of JSON for each accepted message.
    log_path: str | None = None


def load_config(path: Path | None) -> SimulatorConfig:
    """The configuration in a JSON file; raises `ValueError` that says what is wrong."""
    if path is None:
        return SimulatorConfig()
    try:
        return msgspec.json.decode(path.read_bytes(), type=SimulatorConfig)
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: {error}") from error
