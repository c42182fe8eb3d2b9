"""Structured logs: JSON for machines, coloured lines on a terminal, always on standard error.

Log calls name an event and give fields: `log.warning("subgraph_failed", subgraph=name)`. They go
through the standard library's logging, so an application that embeds the gateway formats them as it
likes; `configure_logs` is what the commands use. What a client sent (documents, variables, header
values) is never a field. Lines of one request carry its `request_id`, which the server sets.
"""

import logging
import sys
from collections.abc import Callable
from contextlib import nullcontext
from contextvars import ContextVar
from typing import Any, TextIO, cast

import orjson
import structlog
from structlog.typing import EventDict, Processor

from supergraph.config.gateway import LogConfig

__all__ = ["REQUEST_ID", "JsonHandler", "configure_logs", "hide_secrets", "logger"]

#: The id of the request that is being answered; "" outside of one.
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")

#: Fields whose value is replaced, should one ever be logged by mistake or by a user's stage.
SECRET_FIELDS = frozenset(
    {"authorization", "cookie", "headers", "password", "secret", "set-cookie", "token", "variables"}
)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for a module; it may be made before the logs are configured."""
    return cast(
        "structlog.stdlib.BoundLogger",
        structlog.wrap_logger(
            logging.getLogger(name),
            processors=[
                structlog.stdlib.filter_by_level,
                structlog.contextvars.merge_contextvars,
                _add_request_id,
                structlog.stdlib.render_to_log_kwargs,
            ],
            wrapper_class=structlog.stdlib.BoundLogger,
        ),
    )


def configure_logs(config: LogConfig) -> None:
    """Send every log line of the process, ours and libraries', in the configured form."""
    is_json = config.format == "json" or (config.format == "auto" and not sys.stderr.isatty())
    handler = JsonHandler(sys.stderr) if is_json else logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.ExtraAdder(),
                _drop_duplicates,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                hide_secrets,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(is_json=is_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(config.level.upper())


class JsonHandler(logging.StreamHandler[TextIO]):
    """Writes JSON lines; also those that were put together elsewhere."""

    def write(self, lines: str) -> None:
        """Write finished lines as they are."""
        with self.lock or nullcontext():
            try:
                self.stream.write(lines)
                self.flush()
            except (OSError, ValueError):  # closed, or nobody reads it any more
                self.handleError(logging.makeLogRecord({"msg": "lines of the log are lost"}))


def _renderers(*, is_json: bool) -> list[Processor]:
    if not is_json:
        # Without the values of local variables, which would show what clients sent.
        plain = structlog.dev.plain_traceback
        colors = sys.stderr.isatty()
        return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=_json),
    ]


def _json(value: Any, default: Callable[[Any], Any] = repr, **_: Any) -> str:
    return orjson.dumps(value, default=default).decode()


def _drop_duplicates(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Uvicorn repeats its messages in colour."""
    event.pop("color_message", None)
    return event


def _add_request_id(_logger: Any, _method: str, event: EventDict) -> EventDict:
    request_id = REQUEST_ID.get()
    if request_id:
        event.setdefault("request_id", request_id)
    return event


def hide_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """A processor that replaces the values of fields that must never be logged."""
    for name in event:
        if name.lower() in SECRET_FIELDS:
            event[name] = "[hidden]"
    return event
