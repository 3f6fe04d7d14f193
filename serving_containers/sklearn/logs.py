"""Logs as one JSON object a line on standard output; never with what a request or an answer holds."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_logger = logging.getLogger("serving")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure() -> None:
    """Sends every log of the process through one handler."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def event(name: str, *, level: int = logging.INFO, trace: bool = False, **fields: Any) -> None:
    """Logs one event.

    Args:
        name: What happened, in one or two words.
        level: A level of `logging`.
        trace: Whether to add the stack trace of the exception that is being handled.
        fields: Facts about it: numbers, names, reasons; never rows or predictions.
    """
    _logger.log(level, name, extra={"fields": fields}, exc_info=trace)
