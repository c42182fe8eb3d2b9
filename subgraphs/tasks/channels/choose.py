"""Which channel implementation this installation uses."""

import contextlib
from collections.abc import Generator

from subgraphs.tasks.channels.port import MessageChannel
from subgraphs.tasks.channels.simulated import SimulatedChannel
from subgraphs.tasks.settings import WorkerSettings

__all__ = ["open_channel"]


@contextlib.contextmanager
def open_channel(settings: WorkerSettings) -> Generator[MessageChannel]:
    """The channel for all accounts; the settings have checked that it is the simulated one."""
    channel = SimulatedChannel(settings.simulated)
    try:
        yield channel
    finally:
        channel.close()
