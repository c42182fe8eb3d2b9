"""The line that is written about every request.

It is by far the most frequent line, and through structlog and logging it costs more than the rest
of the server together. Where the process writes JSON by `configure_logs` it is therefore put
together here and written with the others of the same moment. Everywhere else (a terminal, an
application that embeds the gateway) it is a log call like any other.
"""

import asyncio
import atexit
import logging
import time
from typing import Any

import orjson
import structlog

from supergraph.telemetry.logs import REQUEST_ID, JsonHandler, hide_secrets, logger

__all__ = ["LINES_MAX", "write_access_line"]

#: Lines kept until the event loop comes by again; with more of them they are written at once.
LINES_MAX = 256

_NAME = "supergraph.access"
_log = logger(_NAME)
_logging = logging.getLogger(_NAME)
_root = logging.getLogger()


def write_access_line(event: str, fields: dict[str, Any]) -> None:
    """Log what was answered. The dictionary becomes the line: nobody else may use it again."""
    handler = _json_handler()
    if handler is None:
        _log.info(event, **fields)
        return
    if not _logging.isEnabledFor(logging.INFO):
        return
    bound = structlog.contextvars.get_contextvars()
    if bound:  # by a user's stage
        fields |= hide_secrets(None, "info", bound)
    fields["request_id"] = REQUEST_ID.get()
    fields["event"] = event
    fields["level"] = "info"
    fields["logger"] = _NAME
    fields["timestamp"] = _clock.now()
    try:
        _lines.add(orjson.dumps(fields, default=repr, option=orjson.OPT_APPEND_NEWLINE), handler)
    except TypeError:  # text that is no Unicode, such as half of a surrogate pair
        _log.info(event, fields=repr(fields))


def _json_handler() -> JsonHandler | None:
    """The handler of `configure_logs`, where nobody put another one beside it."""
    handlers = _root.handlers
    if len(handlers) == 1 and isinstance(handlers[0], JsonHandler) and not _logging.handlers:
        return handlers[0]
    return None


class _Clock:
    """The time of day as text, put together anew only once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def now(self) -> str:
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second = second
            self._text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._text}.{int((now - second) * 1_000_000):06d}Z"


class _Lines:
    """Lines of one turn of the event loop, written by one call."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._handler: JsonHandler | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, line: bytes, handler: JsonHandler) -> None:
        loop = asyncio.get_running_loop()
        if handler is not self._handler or loop is not self._loop:
            self.flush()  # for whoever was written for before
            self._handler, self._loop = handler, loop
        self._waiting.append(line)
        if len(self._waiting) == 1:
            loop.call_soon(self.flush)
        elif len(self._waiting) >= LINES_MAX:
            self.flush()

    def flush(self) -> None:
        lines, self._waiting = self._waiting, []
        if lines and self._handler is not None:
            self._handler.write(b"".join(lines).decode())


_clock = _Clock()
_lines = _Lines()
atexit.register(_lines.flush)  # a loop that was stopped does not come by again
