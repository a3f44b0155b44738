"""What dashboard and alerts ask of Prometheus, and whether a scrape has it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import promql_parser
import yaml
from prometheus_client.parser import text_string_to_metric_families

FOLDER: Final = Path(__file__).parents[1] / "helm" / "observability"
DASHBOARD: Final = FOLDER / "grafana-dashboard.json"
ALERTS: Final = FOLDER / "alerts.yaml"

OF_PROMETHEUS: Final = {"job", "instance"}
"""Labels that Prometheus adds to what it scrapes."""

Series = dict[str, list[dict[str, str]]]
"""The label sets of each metric."""


@dataclass(frozen=True)
class Query:
    """A question, and where it is asked."""

    place: str
    text: str
    legend: str = ""

    def parsed(self) -> promql_parser.Expr:
        """As PromQL; raises when it is none."""
        return promql_parser.parse(self.text.replace("$__rate_interval", "5m"))

    def lacking(self, series: Series) -> Iterator[str]:
        """What it names and a scrape does not have."""
        grouped: set[str] = set(re.findall(r"{{\s*(\w+)\s*}}", self.legend))
        named: set[str] = set()
        for part in parts_of(self.parsed()):
            if isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None:
                grouped |= set(part.modifier.labels)
            if isinstance(part, promql_parser.VectorSelector):
                found = series.get(part.name or "", [])
                named |= {name for labels in found for name in labels}
                if not _matching(part, found):
                    yield f"{self.place}: no series {part.prettify()}"
        for label in sorted(grouped - named - OF_PROMETHEUS):
            yield f"{self.place}: no label {label}"


def dashboard() -> dict[str, Any]:
    """Grafana's document."""
    found: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return found


def alerts() -> list[dict[str, Any]]:
    """The rules of all groups."""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def queries() -> list[Query]:
    """Everything that is asked."""
    panels = [
        Query(f"panel {panel['title']}", target["expr"], target["legendFormat"])
        for panel in dashboard()["panels"]
        for target in panel.get("targets", [])
    ]
    return panels + [Query(f"alert {rule['alert']}", rule["expr"]) for rule in alerts()]


def parts_of(expression: promql_parser.Expr) -> list[promql_parser.Expr]:
    """The expression and all that it is made of."""
    parts: list[promql_parser.Expr] = []
    promql_parser.walk(expression, pre_visit=parts.append)
    return parts


def series_in(*scrapes: str) -> Series:
    """What was scraped from several processes."""
    found: Series = {}
    for scrape in scrapes:
        for family in text_string_to_metric_families(scrape):
            for sample in family.samples:
                found.setdefault(sample.name, []).append(sample.labels)
    return found


def _matching(
    selector: promql_parser.VectorSelector, found: list[dict[str, str]]
) -> list[dict[str, str]]:
    """The series that it selects."""
    for matcher in selector.matchers.matchers:
        fits = _test_of(matcher)
        found = [labels for labels in found if fits(labels.get(matcher.name, ""))]
    return found


def _test_of(matcher: promql_parser.Matcher) -> Callable[[str], bool]:
    if matcher.op == promql_parser.MatchOp.Equal:
        return lambda value: value == matcher.value
    if matcher.op == promql_parser.MatchOp.Re:
        return lambda value: re.fullmatch(matcher.value, value) is not None
    raise NotImplementedError(f"{matcher} excludes: nobody could tell whether it names what is")
