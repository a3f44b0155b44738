"""The spans of this process, as a collector would get them, and as they were before."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.traces import Traces, TraceSettings, tracing


@dataclass(frozen=True)
class Spans:
    """What was recorded."""

    traces: Traces
    _sent: InMemorySpanExporter
    _whole: InMemorySpanExporter

    def sent(self) -> list[ReadableSpan]:
        """What has left, or would have, until now."""
        self.traces.provider.force_flush()
        return list(self._sent.get_finished_spans())

    def whole(self) -> list[ReadableSpan]:
        """The same, with all that the libraries had written into it."""
        return list(self._whole.get_finished_spans())

    def way_to(self, span: ReadableSpan) -> list[str]:
        """The names from the first span of a trace to this one."""
        by_id = {each.context.span_id: each for each in self.sent()}
        names = [span.name]
        while span.parent is not None and span.parent.span_id in by_id:
            span = by_id[span.parent.span_id]
            names.insert(0, span.name)
        return names


@contextmanager
def recorded_spans() -> Iterator[Spans]:
    """This process traces inside the block; nothing leaves it."""
    sent, whole = InMemorySpanExporter(), InMemorySpanExporter()
    with tracing(TraceSettings(), "tests", exporter=sent) as traces:
        assert traces is not None
        traces.provider.add_span_processor(SimpleSpanProcessor(whole))
        yield Spans(traces, sent, whole)


def text_of(spans: list[ReadableSpan]) -> str:
    """Everything that they say."""
    return "\n".join(
        f"{span.to_json()} {[link.attributes for link in span.links]}" for span in spans
    )
