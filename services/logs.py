"""Logs: one JSON object per line on standard error, without personal data.

A line names the request, the order, the workflow and the trace that it belongs to, where there is
one: bound by whoever works on it (``about``), or known to the SDK whose line it is.
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from opentelemetry.trace import format_trace_id, get_current_span
from structlog.typing import EventDict, Processor, WrappedLogger
from typing_extensions import override

WORKFLOW_OF_ORDER: Final = re.compile(r"[a-z]+-([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})")
ORDERS_OWN: Final = ("purchase-", "refund-", "reconciliation-")
"""How the ids of workflows begin that end with their order's."""


class LastLineOnly(logging.Filter):
    """A start that failed is told in one line; uvicorn would tell its traceback."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str) and record.msg.startswith("Traceback"):
            record.msg = record.msg.strip().rpartition("\n")[2]
        return True


@contextmanager
def request(request_id: str) -> Iterator[None]:
    """Lines inside the block belong to this request, and to what is named meanwhile."""
    before = structlog.contextvars.get_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    try:
        yield
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(**before)


def about(**ids: str) -> None:
    """Lines from here to the end of the request or step are about this order, say. Ids only."""
    structlog.contextvars.bind_contextvars(**ids)


def configure_logging() -> None:
    """Send everything, also what libraries log, through one formatter."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        name_workflow,
        name_trace,
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


def name_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the trace, while there is one."""
    span = get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = format_trace_id(span.trace_id)
    return event


def name_workflow(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add workflow and order to a line of Temporal's SDK, which keeps them beside the message."""
    record = event.get("_record")
    for kept in ("temporal_workflow", "temporal_activity"):
        workflow_id = getattr(record, kept, {}).get("workflow_id")
        if workflow_id is not None:
            event["workflow_id"] = workflow_id
            found = WORKFLOW_OF_ORDER.fullmatch(workflow_id)
            if found is not None and workflow_id.startswith(ORDERS_OWN):
                event["order_id"] = found[1]
    return event
