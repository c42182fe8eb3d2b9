"""Starting several processes in order, watching them together, ending them in reverse order."""

import signal
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Self

from subgraphs.demo.processes import ChildProcess, StartError

__all__ = ["Supervisor", "interruptible"]

WATCH_SECONDS = 0.2


class Supervisor:
    """The processes of one installation; leaving the block ends all of them.

    Whatever fails while the block runs, nothing started in it is left behind.
    """

    def __init__(self) -> None:
        self._running: list[ChildProcess] = []
        self._stops = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        # A second Ctrl-C must not leave half of the processes behind; each stop has a time limit.
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._stops.close()
        finally:
            signal.signal(signal.SIGINT, previous)

    def start(
        self, process: ChildProcess, is_ready: Callable[[], bool], ready_seconds: float
    ) -> None:
        """Start a process, wait until it is ready, and watch it from then on."""
        self.start_together([(process, is_ready)], ready_seconds)

    def start_together(
        self,
        processes: Sequence[tuple[ChildProcess, Callable[[], bool]]],
        ready_seconds: float,
    ) -> None:
        """Start processes that do not need one another, each with its test of readiness."""
        for process, _ in processes:
            self._stops.callback(process.stop)
            process.start()
        for process, is_ready in processes:
            process.wait_until_ready(is_ready, ready_seconds)
            self._running.append(process)

    def adopt(self, process: ChildProcess, stop: Callable[[], None]) -> None:
        """Watch a process that is ready already and end it with `stop`."""
        self._stops.callback(stop)
        self._running.append(process)

    def run_together(self, processes: Sequence[ChildProcess], seconds: float) -> None:
        """Run commands side by side to their ends; a failing one raises `StartError`."""
        for process in processes:
            self._stops.callback(process.stop)
            process.start()
        for process in processes:
            code = process.wait(seconds)
            if code:
                what = f"{process.name} failed with exit code {code}"
                raise StartError(f"{what}:\n{process.log_tail()}")

    def watch(self) -> ChildProcess:
        """Return the first process that ends by itself; Ctrl-C raises KeyboardInterrupt."""
        while True:
            for process in self._running:
                if not process.is_running:
                    return process
            time.sleep(WATCH_SECONDS)


@contextmanager
def interruptible() -> Generator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that its clean-up runs."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
