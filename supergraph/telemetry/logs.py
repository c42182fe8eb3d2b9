"""Structured logs: JSON for machines, coloured lines on a terminal, always on standard error.

Log calls name an event and give fields: `log.warning("subgraph_failed", subgraph=name)`. They go
through the standard library's logging, so an application that embeds the gateway formats them as it
likes; `configure_logs` is what the commands use. What a client sent (documents, variables, header
values) is never a field. Lines of one request carry the `request_id` that the request log binds.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any, cast

import orjson
import structlog
from structlog.typing import EventDict, Processor

from supergraph.config.gateway import LogConfig

__all__ = ["configure_logs", "logger"]

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
                structlog.stdlib.render_to_log_kwargs,
            ],
            wrapper_class=structlog.stdlib.BoundLogger,
        ),
    )


def configure_logs(config: LogConfig) -> None:
    """Send every log line of the process, ours and libraries', in the configured form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.ExtraAdder(),
                _drop_duplicates,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _hide_secrets,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(config),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(config.level.upper())


def _renderers(config: LogConfig) -> list[Processor]:
    is_terminal = sys.stderr.isatty()
    if config.format == "console" or (config.format == "auto" and is_terminal):
        # Without the values of local variables, which would show what clients sent.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=is_terminal, exception_formatter=plain)]
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


def _hide_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for name in event:
        if name.lower() in SECRET_FIELDS:
            event[name] = "[hidden]"
    return event
