"""Settings that cannot be used are refused with their name."""

import subprocess
import sys

import pytest

from subgraphs.shared.settings import SettingsError
from subgraphs.tasks.channels.official import OfficialSettings
from subgraphs.tasks.settings import (
    load_accounts_url,
    load_webhook_settings,
    load_worker_settings,
)
from subgraphs.tasks.states import Channel
from tests.kit.servers import REPOSITORY, clean_environment


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TASKS_CHANNEL", "telegram"),
        ("TASKS_WORKER", "maybe"),
        ("TASKS_LEASE_SECONDS", "soon"),
        ("TASKS_TELEGRAM_PER_SECOND", "0"),
        ("TASKS_SIMULATED_FAILED_SHARE", "nan"),
        ("TASKS_SIMULATED_SEED", "1.5"),
        ("TASKS_TELEGRAM_URL", "ftp://api"),
        ("TASKS_TELEGRAM_URL", "http://api.telegram.org"),
        ("TASKS_TELEGRAM_URL", "https://"),
        ("TASKS_WHATSAPP_URL", "https://graph/?a=b"),
        ("TASKS_WHATSAPP_URL", "http://[::1"),
    ],
)
def test_a_wrong_worker_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        load_worker_settings({"TASKS_CHANNEL": "official"} | {variable: value})


def test_tokens_go_over_https_or_stay_on_this_machine() -> None:
    settings = load_worker_settings(
        {"TASKS_CHANNEL": "official", "TASKS_TELEGRAM_URL": "http://127.0.0.1:4080"}
    )

    assert settings.official == OfficialSettings(
        telegram_url="http://127.0.0.1:4080", whatsapp_url="https://graph.facebook.com"
    )
    # Below what the platforms allow: they count what arrives.
    assert settings.messages_per_second == {Channel.TELEGRAM: 27.0, Channel.WHATSAPP: 72.0}
    assert load_worker_settings({}).official is None


def test_secrets_of_webhooks_are_not_shown() -> None:
    environment = {
        "TASKS_WHATSAPP_APP_SECRET": "hidden-secret",
        "TASKS_WHATSAPP_VERIFY_TOKEN": "hidden-token",
    }
    settings = load_webhook_settings(environment)

    assert settings.whatsapp_app_secret == "hidden-secret"
    assert "hidden" not in repr(settings)


def test_a_wrong_accounts_url_is_named() -> None:
    with pytest.raises(SettingsError, match="TASKS_ACCOUNTS_URL"):
        load_accounts_url({"TASKS_ACCOUNTS_URL": "ftp://accounts"})


def test_the_pace_of_each_channel_can_be_set() -> None:
    settings = load_worker_settings({"TASKS_TELEGRAM_PER_SECOND": "7.5"})

    assert settings.messages_per_second == {Channel.TELEGRAM: 7.5, Channel.WHATSAPP: 80.0}


@pytest.mark.parametrize("module", ["subgraphs.tasks", "subgraphs.tasks.worker"])
def test_a_process_with_a_wrong_setting_ends_with_one_line(module: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", module],
        cwd=REPOSITORY,
        env=clean_environment(TASKS_CHANNEL="pigeon"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert "TASKS_CHANNEL=pigeon" in ended.stderr
    assert "Traceback" not in ended.stderr
