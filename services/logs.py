"""Logs: one JSON object per line on standard error, without personal data."""

import logging
import sys

import structlog
from structlog.typing import Processor
from typing_extensions import override


class LastLineOnly(logging.Filter):
    """A start that failed is told in one line; uvicorn would tell its traceback."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str) and record.msg.startswith("Traceback"):
            record.msg = record.msg.strip().rpartition("\n")[2]
        return True


def configure_logging() -> None:
    """Send everything, also what libraries log, through one formatter."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn.error").addFilter(LastLineOnly())
    # They log addresses of requests, Stripe's own messages, and secrets of a sign-in on its way.
    for chatty in ("authlib", "httpx", "httpx2", "stripe"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
