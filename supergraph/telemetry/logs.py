"""Structured logs on standard error: JSON for machines, coloured lines on a terminal.

Log calls name an event and give fields: `log.warning("subgraph_failed", subgraph=name)`. What a
client sent (documents, variables, header values) is never a field. Lines of one request carry its
`request_id`, bound by the request log. Lines of libraries (uvicorn, asyncio) pass through here too.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any

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
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound


def configure_logs(config: LogConfig) -> None:
    """Send every log line of the process to standard error in the configured form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide_secrets,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_renderers(config),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(config.level.upper())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(config.level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # loggers are module globals; tests configure again
    )


def _renderers(config: LogConfig) -> list[Processor]:
    if config.format == "console" or (config.format == "auto" and sys.stderr.isatty()):
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=_json),
    ]


def _json(value: Any, default: Callable[[Any], Any] = repr, **_: Any) -> str:
    return orjson.dumps(value, default=default).decode()


def _hide_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for name in event:
        if name.lower() in SECRET_FIELDS:
            event[name] = "[hidden]"
    return event
