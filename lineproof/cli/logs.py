"""Logs: structlog to standard error, configured once by whoever starts the program.

Human-readable where a person looks on (a terminal), JSON lines otherwise. Records of libraries
that use the standard library's logging go the same way. Traces show no local variables: those
may hold passwords. What came from outside (names, paths, what an error repeats) forges no line and
moves no terminal's cursor, however deep in a record or trace it is. Standard output is for data
alone.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from domain.texts import one_line

# Libraries that speak at levels above their importance: what matters comes from our own code.
_QUIET = {
    "amqtt": logging.CRITICAL,
    "asyncua": logging.ERROR,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "pyhanko": logging.CRITICAL,  # it writes a trace of each certificate that nobody vouches for
    "pyhanko_certvalidator": logging.CRITICAL,
    "transitions": logging.ERROR,
    "uvicorn.access": logging.WARNING,
    "uvicorn.error": logging.ERROR,  # it warns of each broken request: strangers would fill the log
    "alembic": logging.WARNING,
    "filelock": logging.WARNING,
}

_OF_LOGGING = ("exc_info", "_record", "_from_structlog")  # what its own processors read


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
        [structlog.dev.ConsoleRenderer(exception_formatter=_marked_trace)]
        if human
        else [
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            _one_line_each,  # what the trace repeats
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
    return {name: it if name in _OF_LOGGING else _plain(it) for name, it in record.items()}


def _plain(value: Any) -> Any:
    """The same for JSON, in which each text is printable and in one line."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return one_line(value)
        case Mapping():
            return {one_line(str(key)): _plain(it) for key, it in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(it) for it in value]
        case _:
            return one_line(repr(value))


def _marked_trace(written_to: TextIO, trace: ExcInfo) -> None:
    """A trace for people. Each of its lines is marked as one: an error's text may hold others."""
    plain = io.StringIO()
    structlog.dev.plain_traceback(plain, trace)
    for line in plain.getvalue().split("\n"):
        written_to.write(f"\n  | {one_line(line)}")
