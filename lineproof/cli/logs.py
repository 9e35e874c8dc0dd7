"""Logs: structlog to standard error, configured once by whoever starts the program.

Human-readable where a person looks on (a terminal), JSON lines otherwise. Records of libraries
that use the standard library's logging go the same way. Traces show no local variables: those
may hold passwords. Standard output is for data alone.
"""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from domain.texts import one_line

# Libraries that speak at levels above their importance: what matters comes from our own code.
_QUIET = {
    "amqtt": logging.CRITICAL,
    "asyncua": logging.ERROR,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "transitions": logging.ERROR,
    "uvicorn.access": logging.WARNING,
    "uvicorn.error": logging.ERROR,  # it warns of each broken request: strangers would fill the log
    "alembic": logging.WARNING,
    "filelock": logging.WARNING,
}


def configure(level: int = logging.INFO, *, terminal: bool | None = None) -> None:
    """Set up structlog and the standard library's logging. Idempotent.

    `terminal`: human-readable or not; by default whether standard error is a terminal.
    """
    human = sys.stderr.isatty() if terminal is None else terminal
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _one_line_each,
    ]
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if human
        else [
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, quiet))


def _one_line_each(_logger: WrappedLogger, _method: str, record: EventDict) -> EventDict:
    """What came from outside forges no second line and moves no terminal's cursor."""
    for name, value in record.items():
        if isinstance(value, str):
            record[name] = one_line(value)
    return record
