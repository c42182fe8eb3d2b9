"""Which channel implementation this installation uses."""

import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

from subgraphs.tasks.accounts.credentials import (
    AccountCredentials,
    StaticCredentials,
    load_credentials_file,
)
from subgraphs.tasks.channels.official import open_official_channel
from subgraphs.tasks.channels.port import MessageChannel
from subgraphs.tasks.channels.simulated import SimulatedChannel
from subgraphs.tasks.settings import WorkerSettings

__all__ = ["find_credentials", "open_channel"]


@contextlib.asynccontextmanager
async def open_channel(settings: WorkerSettings) -> AsyncGenerator[MessageChannel]:
    """The channel for all accounts: the official ones, or the simulated one."""
    if settings.official is not None:
        credentials = find_credentials(settings.credentials_file)
        async with open_official_channel(
            settings.official, credentials, settings.send_timeout_seconds
        ) as official:
            yield official
        return
    simulated = SimulatedChannel(settings.simulated)
    try:
        yield simulated
    finally:
        simulated.close()


def find_credentials(path: Path | None) -> AccountCredentials:
    """Where credentials come from; without a file no account has any."""
    return StaticCredentials([]) if path is None else load_credentials_file(path)
