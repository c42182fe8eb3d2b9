"""Settings that cannot be used are refused with their name."""

import pytest

from subgraphs.shared.settings import SettingsError
from subgraphs.tasks.settings import load_accounts_url, load_worker_settings
from subgraphs.tasks.states import Channel


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TASKS_CHANNEL", "telegram"),
        ("TASKS_WORKER", "maybe"),
        ("TASKS_LEASE_SECONDS", "soon"),
        ("TASKS_TELEGRAM_PER_SECOND", "0"),
        ("TASKS_SIMULATED_FAILED_SHARE", "nan"),
        ("TASKS_SIMULATED_SEED", "1.5"),
    ],
)
def test_a_wrong_worker_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        load_worker_settings({variable: value})


def test_a_wrong_accounts_url_is_named() -> None:
    with pytest.raises(SettingsError, match="TASKS_ACCOUNTS_URL"):
        load_accounts_url({"TASKS_ACCOUNTS_URL": "ftp://accounts"})


def test_the_pace_of_each_channel_can_be_set() -> None:
    settings = load_worker_settings({"TASKS_TELEGRAM_PER_SECOND": "7.5"})

    assert settings.messages_per_second == {Channel.TELEGRAM: 7.5, Channel.WHATSAPP: 80.0}
