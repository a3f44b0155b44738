"""When there are traces, where they go, and under which names."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.simulators.stripe.server import running_app
from services.traces import Traces, TraceSettings, tracing
from tests.servers import free_port
from tests.spans import recorded_spans

NOBODY = "http://127.0.0.1:1"


@dataclass
class Collector:
    """Takes traces, as an OpenTelemetry collector does."""

    url: str = ""
    spans: dict[str, str] = field(default_factory=dict)
    """The service that told each name."""

    async def take(self, request: Request) -> Response:
        """One delivery."""
        sent = ExportTraceServiceRequest()
        sent.ParseFromString(await request.body())
        for resource in sent.resource_spans:
            about = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans |= {span.name: about["service.name"] for span in scope.spans}
        return Response()


@asynccontextmanager
async def a_collector() -> AsyncIterator[Collector]:
    """Running; it also answers to anything else."""
    there = Collector()
    routes = [
        Route("/v1/traces", there.take, methods=["POST"]),
        Route("/{path:path}", lambda _: Response()),
    ]
    async with running_app(Starlette(routes=routes)) as there.url:
        yield there


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine says about traces."""
    for name in ("ENDPOINT", "TRACES_ENDPOINT"):
        monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{name}", raising=False)
    for name in ("TRACES_EXPORTER", "SERVICE_NAME"):
        monkeypatch.delenv(f"OTEL_{name}", raising=False)


@pytest.mark.parametrize(
    ("environ", "on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": NOBODY}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{NOBODY}/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": NOBODY}, False),
    ],
)
def test_there_are_traces_only_when_they_are_asked_for(
    environ: dict[str, str], on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert TraceSettings().on is on


@pytest.mark.parametrize(
    ("wrong", "allowed"),
    [
        ({"traces_exporter": "console"}, "'otlp' or 'none'"),
        ({"exporter_otlp_endpoint": "collector:4318"}, "absolute http or https address"),
    ],
)
def test_what_we_cannot_do_is_refused(wrong: dict[str, str], allowed: str) -> None:
    with pytest.raises(ValueError, match=allowed):
        TraceSettings.model_validate(wrong)


async def test_without_them_calls_are_as_ever() -> None:
    async with a_collector() as collector:
        with tracing(TraceSettings(), "tests") as traces:
            assert traces is None
            assert await headers_of_a_call(collector) == set()


async def test_they_go_to_the_collector_under_the_services_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        with tracing(TraceSettings(), "ticket-exchange-tests") as traces:
            assert traces is not None
            with traces.tracer.start_as_current_span("click"):
                assert await headers_of_a_call(collector) == {"traceparent"}
            await flushed(traces)
    assert collector.spans == dict.fromkeys(["click", "GET /v1/{id}"], "ticket-exchange-tests")


async def test_a_collector_that_is_away_holds_nothing_up_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    with tracing(TraceSettings(), "tests") as traces:
        assert traces is not None
        with traces.tracer.start_as_current_span("click"):
            pass


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/payment_intents/pi_3OabcDEF/capture", "/v1/payment_intents/{id}/capture"),
        ("/v1/payment_intents?client_secret=secret", "/v1/payment_intents"),
        ("/emails", "/emails"),
        ("/people/ada@example.com", "/people/{id}"),
        ("/people/Ada%20Lovelace/", "/people/{id}"),
        ("/", "/"),
    ],
)
async def test_a_call_is_named_by_kinds_of_things(path: str, name: str) -> None:
    async with a_collector() as server, httpx.AsyncClient(base_url=server.url) as client:
        with recorded_spans() as spans:
            await client.get(path)
            assert [span.name for span in spans.sent()] == [f"GET {name}"]


async def headers_of_a_call(server: Collector) -> set[str]:
    """What is sent along for traces."""
    async with httpx.AsyncClient(base_url=server.url) as client:
        answer = await client.get("/v1/pi_1")
    return {"traceparent", "tracestate", "baggage"} & set(answer.request.headers)


async def flushed(traces: Traces) -> None:
    """Hand over what there is; the collector lives on this very loop, which must not wait."""
    await asyncio.to_thread(traces.provider.force_flush)
