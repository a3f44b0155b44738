"""Which requests are part of traces."""

from typing import Final

from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

from services.traces import Traces

NOT_TRACED: Final = "/healthz,/readyz,/metrics,/events$"
"""What machines ask all the time, and streams that last as long as their page."""


def trace(app: FastAPI, traces: Traces) -> None:
    """A span per request, named by its route's template."""
    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=traces.provider,
        excluded_urls=NOT_TRACED,
        exclude_spans=["receive", "send"],
    )
