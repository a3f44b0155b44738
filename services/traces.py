"""Traces: one request's way through the processes, for OpenTelemetry. Off unless asked for.

What leaves a process is named below, and nothing else does: no query, no header, no body, no
message of an exception, no address of a person.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer
from typing import Final, Literal

from httpx import URL
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor, RequestInfo
from opentelemetry.propagate import set_global_textmap
from opentelemetry.propagators.textmap import CarrierT, Getter, default_getter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Span, Status, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes
from pydantic_settings import SettingsConfigDict
from typing_extensions import override

from services.settings import HttpAddress, Settings

TOLD: Final = frozenset(
    {
        # of requests, in the words of both conventions that OpenTelemetry has for them
        *("http.method", "http.request.method", "http.route", "url.template"),
        *("http.status_code", "http.response.status_code", "error.type"),
        # of workflows and steps
        *("temporalWorkflowID", "temporalRunID", "temporalActivityID", "temporalUpdateID"),
        # of exceptions
        *("exception.type", "exception.escaped"),
    }
)
"""Attributes that leave the process."""

WORD: Final = re.compile(r"v\d|[a-z_]{1,30}")
"""A part of a path that names a kind of thing and not a thing."""

LAST_SECONDS: Final = 2.0
"""How long a process that ends tries to hand over its last spans to somebody who is away."""


class TraceSettings(Settings):
    """Whether there are traces; the exporter reads the other ``OTEL_`` variables by itself."""

    model_config = SettingsConfigDict(env_prefix="OTEL_")

    traces_exporter: Literal["otlp", "none"] | None = None
    """`otlp` sends traces, to localhost if no address is given; `none` sends none in any case."""
    exporter_otlp_endpoint: HttpAddress | None = None
    """Address of the collector; setting it switches traces on."""
    exporter_otlp_traces_endpoint: HttpAddress | None = None
    """Address for traces alone, as it is, without `/v1/traces` behind it."""
    service_name: str | None = None
    """Name of the process in traces; by default each has one of its own."""

    @property
    def on(self) -> bool:
        """Whether somebody is there to take them."""
        endpoint = self.exporter_otlp_traces_endpoint or self.exporter_otlp_endpoint
        return self.traces_exporter != "none" and bool(self.traces_exporter or endpoint)


@dataclass(frozen=True)
class Traces:
    """Where the spans of this process go."""

    provider: TracerProvider

    @property
    def tracer(self) -> Tracer:
        """For spans of our own, and the Temporal SDK's."""
        return self.provider.get_tracer("ticket-exchange")


@contextmanager
def tracing(
    settings: TraceSettings, service: str, *, exporter: SpanExporter | None = None
) -> Iterator[Traces | None]:
    """Inside the block this process writes spans and follows calls through httpx, if it is to.

    Spans go out by OTLP over HTTP unless there is another ``exporter``. At the end the last ones
    are handed over, if somebody takes them in time.
    """
    if exporter is None and not settings.on:
        yield None
        return
    named = Resource.create({SERVICE_NAME: settings.service_name or service})
    provider = TracerProvider(resource=named, shutdown_on_exit=False)
    discreet = Discreet(exporter or OTLPSpanExporter())
    provider.add_span_processor(BatchSpanProcessor(discreet))
    set_global_textmap(TraceParent())
    calls = HTTPXClientInstrumentor()
    calls.instrument(
        tracer_provider=provider, request_hook=name_call, async_request_hook=name_async_call
    )
    try:
        yield Traces(provider)
    finally:
        calls.uninstrument()
        patience = Timer(LAST_SECONDS, discreet.shutdown)
        patience.start()
        provider.shutdown()
        patience.cancel()


class Discreet(SpanExporter):
    """Lets through only what may be told."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._over = False

    @override
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_told(span) for span in spans])

    @override
    def shutdown(self) -> None:
        """Give up what is being tried. Repeating is safe."""
        if not self._over:
            self._over = True
            self._exporter.shutdown()

    @override
    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


class TraceParent(TraceContextTextMapPropagator):
    """W3C's ``traceparent`` alone: what else a client could send along would enter history."""

    @override
    def extract(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        getter: Getter[CarrierT] = default_getter,
    ) -> Context:
        parent = getter.get(carrier, self._TRACEPARENT_HEADER_NAME)
        return super().extract({self._TRACEPARENT_HEADER_NAME: parent or []}, context)


def name_call(span: Span, request: RequestInfo) -> None:
    """Name a call by method and kind of path: ``POST /v1/payment_intents/{id}/capture``."""
    path = request.url.path if isinstance(request.url, URL) else ""
    parts = (part if WORD.fullmatch(part) else "{id}" for part in path.split("/") if part)
    template = "/" + "/".join(parts)
    span.set_attribute("url.template", template)
    span.update_name(f"{request.method.decode()} {template}")


async def name_async_call(span: Span, request: RequestInfo) -> None:
    """The same for clients that are awaited."""
    name_call(span, request)


def _told(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_of_told(span.attributes),
        events=[
            Event(event.name, _of_told(event.attributes), event.timestamp) for event in span.events
        ],
        links=[Link(link.context) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _of_told(attributes: Attributes) -> Attributes:
    return {name: value for name, value in (attributes or {}).items() if name in TOLD}
