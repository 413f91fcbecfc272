"""Logs: one JSON object a line on stderr, ids and codes only, no exception text."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

Event = MutableMapping[str, Any]


def configure_logging(*, service: str, release: str, level: str) -> None:
    """Make every line of the process JSON, the libraries' included."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _where_not_what,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[1:4], _bare_foreign],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _stamp(service, release),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("aiokafka", "faststream", "uvicorn", "pymongo", "httpx", "asyncio"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(max(logging.WARNING, root.level))


def _where_not_what(_: Any, __: str, event: Event) -> Event:
    """An exception's class and frames; its text may hold what a person typed (F6)."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = type(error).__name__
        event["frames"] = [
            f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)[-8:]
        ]
    return event


def _bare_foreign(_: Any, __: str, event: Event) -> Event:
    """A library's line: its template without its arguments, which may hold a payload."""
    record = event.get("_record")
    if record is not None:
        event["event"] = str(record.msg)[:200] if record.args else _first_line(record.getMessage())
        event["exc_info"] = record.exc_info
        record.exc_info, record.exc_text = None, None
    return _where_not_what(None, "", event)


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0][:200]


def _stamp(service: str, release: str) -> Any:
    def stamp(_: Any, __: str, event: Event) -> Event:
        return {"service": service, "release": release, **event}

    return stamp
