"""Settings that cannot be used are refused with their name."""

import subprocess
import sys

import pytest

from subgraphs.shared.settings import SettingsError
from subgraphs.tasks.settings import load_accounts_url, load_worker_settings
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
