"""Which lines belong together."""

import logging

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from structlog.typing import EventDict

from services import logs

ORDER = "3369576c-aa09-4682-b841-24ba997dd752"


def a_line_of_the_sdk(**beside: dict[str, str]) -> EventDict:
    """As the SDK's loggers write it, with names beside the message."""
    record = logging.makeLogRecord({"msg": "billing given up", **beside})
    return {"event": record.getMessage(), "_record": record}


@pytest.mark.parametrize("kept", ["temporal_workflow", "temporal_activity"])
@pytest.mark.parametrize("kind", ["purchase", "refund", "reconciliation"])
def test_a_line_of_a_workflow_names_it_and_its_order(kept: str, kind: str) -> None:
    line = logs.name_workflow(
        None, "warning", a_line_of_the_sdk(**{kept: {"workflow_id": f"{kind}-{ORDER}"}})
    )
    assert line["workflow_id"] == f"{kind}-{ORDER}"
    assert line["order_id"] == ORDER


@pytest.mark.parametrize(
    "workflow_id", [f"letter-{ORDER}", f"closure-{ORDER}", "orphan-pi_1", "reconciliation-2026-11"]
)
def test_what_is_no_order_is_not_called_one(workflow_id: str) -> None:
    line = logs.name_workflow(
        None, "warning", a_line_of_the_sdk(temporal_workflow={"workflow_id": workflow_id})
    )
    assert line["workflow_id"] == workflow_id
    assert "order_id" not in line


def test_other_lines_stay_as_they_are() -> None:
    for line in (a_line_of_the_sdk(), {"event": "request"}):
        assert logs.name_workflow(None, "info", dict(line)) == line
        assert logs.name_trace(None, "info", dict(line)) == line


def test_a_line_inside_a_trace_names_it() -> None:
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("tests")
    with tracer.start_as_current_span("click") as span:
        line = logs.name_trace(None, "info", {"event": "request"})
    assert line["trace_id"] == f"{span.get_span_context().trace_id:032x}"


def test_what_one_request_was_about_is_forgotten_by_the_next() -> None:
    with structlog.contextvars.bound_contextvars(process="api"):
        with logs.request("request-1"):
            logs.about(order_id=ORDER)
            names = structlog.contextvars.get_contextvars()
            assert names == {"process": "api", "request_id": "request-1", "order_id": ORDER}
        assert structlog.contextvars.get_contextvars() == {"process": "api"}
