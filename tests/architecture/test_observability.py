"""Dashboard and alerts can be loaded, and each alert leads to a section of the runbook."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.operations.documents import Invariant, Trouble
from tests.observability import Query, alerts, dashboard, queries, series_in

RUNBOOK = Path(__file__).parents[2] / "docs" / "operations.md"
SYMPTOMS = {
    *("paid-but-pending", "stuck-reserved", "refund-failed", "stripe-down", "temporal-down"),
    *("restore-mongodb", "invariant-broken", "webhooks-late", "worker-behind"),
}
SCRAPE = """\
# TYPE te_findings_open gauge
te_findings_open{kind="I1"} 0
"""


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.place)
def test_every_question_is_promql(query: Query) -> None:
    assert query.parsed().prettify()


def test_what_is_no_promql_is_found() -> None:
    with pytest.raises(ValueError, match="invalid"):
        Query("here", "sum by te_findings_open").parsed()


@pytest.mark.parametrize(
    ("text", "legend", "lacking"),
    [
        ('max by (kind) (te_findings_open{kind="I1"})', "{{kind}}", []),
        ("rate(te_findings_open[5m])", "", []),
        ("te_findings", "", ["here: no series te_findings"]),
        ("sum(rate(te_findings[5m]))", "", ["here: no series te_findings"]),
        ('te_findings_open{kind="I9"}', "", ['here: no series te_findings_open{kind="I9"}']),
        ('te_findings_open{kind=~"I."}', "", []),
        ("sum by (type) (te_findings_open)", "", ["here: no label type"]),
        ("te_findings_open", "{{type}}", ["here: no label type"]),
    ],
)
def test_what_a_scrape_lacks_is_found(text: str, legend: str, lacking: list[str]) -> None:
    assert list(Query("here", text, legend).lacking(series_in(SCRAPE))) == lacking


def test_grafana_can_tell_panels_apart_and_asks_the_source_that_is_chosen() -> None:
    panels = dashboard()["panels"]
    assert max(Counter(panel["id"] for panel in panels).values()) == 1
    assert len({panel["title"] for panel in panels if panel["type"] != "row"}) > 15
    for panel in (panel for panel in panels if panel["type"] != "row"):
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references)
    assert [each["name"] for each in dashboard()["templating"]["list"]] == ["datasource"]


def test_no_two_panels_lie_on_each_other() -> None:
    taken = Counter(
        (x, y)
        for panel in dashboard()["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    )
    assert max(taken.values()) == 1
    assert max(x for x, _ in taken) < 24


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_where_help_is(rule: dict[str, Any]) -> None:
    notes = rule["annotations"]
    assert set(notes) == {"summary", "description", "runbook_url"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    page, _, section = notes["runbook_url"].partition("#")
    assert page == "docs/operations.md"
    assert section in _sections()


def test_every_symptom_but_none_else_has_an_alert() -> None:
    assert {rule["annotations"]["runbook_url"].partition("#")[2] for rule in alerts()} == SYMPTOMS
    assert len({rule["alert"] for rule in alerts()}) == len(alerts())


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_the_runbook_names_an_alert_beside_its_section(rule: dict[str, Any]) -> None:
    section = rule["annotations"]["runbook_url"].partition("#")[2]
    lines = RUNBOOK.read_text(encoding="utf-8").splitlines()
    line = next(line for line in lines if line.startswith("| `") and f"`{rule['alert']}`" in line)
    assert line.endswith(f"(#{section}) |")


@pytest.mark.parametrize("kind", [*Invariant, *Trouble])
def test_every_kind_of_finding_has_an_alert(kind: str) -> None:
    asked = [rule["expr"] for rule in alerts() if "te_findings_open" in rule["expr"]]
    patterns = [re.search(r'kind=~?"([^"]+)"', text) for text in asked]
    assert any(found and re.fullmatch(found[1], kind) for found in patterns)


def _sections() -> set[str]:
    """The runbook's own, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-") for text in headings}
