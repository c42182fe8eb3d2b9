"""`python -m subgraphs.tasks.worker`: one worker as a process of its own.

Exit codes as for the service: 0 after SIGTERM or SIGINT, 1 when the work failed, 2 for a setting
that cannot be used. Several may run side by side.
"""

import asyncio
import contextlib
import logging
import signal
import sys

from broadcasting import open_broadcast
from subgraphs.shared.resources import database_of
from subgraphs.shared.settings import ServiceSettings, SettingsError, load_settings
from subgraphs.tasks.channels.choose import open_channel
from subgraphs.tasks.settings import WorkerSettings, load_worker_settings
from subgraphs.tasks.worker.worker import Worker

__all__ = ["main"]

DEFAULT_PORT = 4003
EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


def main() -> int:
    """Run until a signal says stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(_work(load_settings("tasks", DEFAULT_PORT), load_worker_settings()))
    except SettingsError as error:
        sys.stderr.write(f"tasks worker: {error}\n")
        return EXIT_USAGE
    except OSError as error:
        sys.stderr.write(f"tasks worker: {error.strerror or error}\n")
        return EXIT_FAILED
    return EXIT_DONE


async def _work(settings: ServiceSettings, worker_settings: WorkerSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        channel = await stack.enter_async_context(open_channel(worker_settings))
        database = await stack.enter_async_context(database_of(settings))
        broadcast = await stack.enter_async_context(open_broadcast(settings.redis_url))
        worker = Worker(database, broadcast, channel, worker_settings)
        await stack.enter_async_context(worker.running())
        sys.stderr.write("tasks worker: ready\n")
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
