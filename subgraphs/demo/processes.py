"""Child processes that are known to be ready, and known to be gone.

A child writes its output to a log file of its own, so a failed start can show why. It leads its
own process group: Ctrl-C in a terminal reaches only the parent, which then stops its children in
the order it chooses, and a stop reaches whatever the child started in turn.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

__all__ = [
    "BusyPortError",
    "ChildProcess",
    "StartError",
    "answers_health",
    "free_port",
    "is_port_free",
    "wait_until",
]

LOG_TAIL_LINES = 25
POLL_SECONDS = 0.05
STOP_SECONDS = 15.0


class StartError(Exception):
    """A process did not become ready; the message says which one and shows its last output."""

    exit_code = 1


class BusyPortError(StartError):
    """Another program listens on a port we need; an exit code of wrong usage, as servers have."""

    exit_code = 2


@dataclass(slots=True)
class ChildProcess:
    """One command, started and stopped by us.

    `user` runs it as that system user (only root may). `environment` is the whole environment of
    the child; `None` hands on ours.
    """

    name: str
    command: Sequence[str]
    log_path: Path
    environment: Mapping[str, str] | None = None
    folder: Path | None = None
    user: str | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def pid(self) -> int | None:
        """The process id, or None before the start."""
        return None if self._process is None else self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How the process ended, or None while it runs or was never started."""
        return None if self._process is None else self._process.poll()

    @property
    def is_running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the command; returns at once, before it is ready."""
        with self.log_path.open("ab") as log:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - commands are ours
                    list(self.command),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=None if self.environment is None else dict(self.environment),
                    cwd=self.folder,
                    user=self.user,
                    group=self.user,
                    extra_groups=None if self.user is None else [],
                    start_new_session=True,
                )
            except OSError as error:
                message = f"{self.name} cannot be started: {error}"
                raise StartError(message) from error

    def wait_until_ready(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Poll `is_ready` until it holds; raise `StartError` if the process ends or time is up."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_running:
                raise StartError(self._report(f"ended at start with exit code {self.exit_code}"))
            if time.monotonic() > deadline:
                raise StartError(self._report(f"was not ready within {seconds:.0f} s"))
            time.sleep(POLL_SECONDS)

    def wait(self, seconds: float) -> int:
        """Wait for the process to end by itself and return its exit code."""
        if self._process is None:
            raise StartError(f"{self.name} was never started")
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise StartError(self._report(f"was still running after {seconds:.0f} s")) from error

    def stop(self, *, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """Ask the process to end, and insist when it does not; safe to call twice."""
        if self._process is None:
            return
        if self.is_running:
            self._process.send_signal(with_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the process, and whatever is left of its group, at once, as a crash would."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):  # the whole group has ended already
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def log_tail(self, lines: int = LOG_TAIL_LINES) -> str:
        """The last lines of the process's output."""
        try:
            text = self.log_path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _report(self, what: str) -> str:
        tail = self.log_tail() or "(it wrote nothing)"
        return f"{self.name} {what}. Its last output ({self.log_path}):\n{tail}"


def answers_health(url: str, *, timeout_seconds: float = 2.0) -> bool:
    """Whether a GET of the URL is answered with 200 right now."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "127.0.0.1", parts.port, timeout=timeout_seconds
    )
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll until `holds()`; raise `StartError` naming `what` when time is up."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise StartError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(POLL_SECONDS)


def free_port() -> int:
    """A loopback port that was free a moment ago; a start that loses the race is tried again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_port_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on the port right now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
