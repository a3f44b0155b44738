"""Helm and Kubernetes have nothing against the chart."""

import tarfile
from pathlib import Path

import pytest
from helm_python import chart as helm

from tests.helm.chart import CHART, EXAMPLES, Object, example, having, of_kind, read, render
from tests.helm.kubernetes import OPERATORS, RELEASES, complaints

WARNING = 2
RULES = CHART.parent / "observability" / "alerts.yaml"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_helm_finds_nothing_to_warn_of(path: Path) -> None:
    report = helm.lint(str(CHART), read(path), strict=True)
    assert report["errors"] == []
    assert [each for each in report["messages"] if each["severity"] >= WARNING] == []


@pytest.mark.parametrize("release", RELEASES)
def test_kubernetes_takes_every_object(objects: list[Object], release: str) -> None:
    ours = [each for each in objects if each["apiVersion"] not in OPERATORS]
    assert {each["kind"]: found for each in ours if (found := complaints(each, release))} == {}


@pytest.mark.parametrize("release", RELEASES)
def test_a_field_that_kubernetes_does_not_know_would_be_found(release: str) -> None:
    deployment = of_kind(render(example("small")), "Deployment")[0]
    deployment["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    assert any("readynessProbe" in each for each in complaints(deployment, release))


def test_no_two_objects_have_one_name(objects: list[Object]) -> None:
    names = [(each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(names) == len(set(names))


def test_every_object_is_in_the_namespace_of_the_release(objects: list[Object]) -> None:
    assert {each["metadata"]["namespace"] for each in objects} == {"shop"}


def test_two_releases_in_one_namespace_share_no_name() -> None:
    values = example("production")
    names = [
        {(each["kind"], each["metadata"]["name"]) for each in render(values, name=name)}
        for name in ("tickets", "trial")
    ]
    assert names[0] & names[1] == set()


def test_the_alert_rules_are_the_file_itself_and_packed_with_the_chart(tmp_path: Path) -> None:
    packed = Path(helm.package(str(CHART), destination=str(tmp_path)))
    with tarfile.open(packed) as archive:
        rules = archive.extractfile("ticket-exchange/files/alerts.yaml")
        assert rules is not None
        assert rules.read() == RULES.read_bytes()


def test_the_operator_of_prometheus_gets_the_alert_rules_word_by_word() -> None:
    (rule,) = of_kind(render(example("production")), "PrometheusRule")
    assert rule["spec"] == read(RULES)


def test_without_the_operator_there_is_nothing_that_only_it_knows() -> None:
    values = having(example("production"), {"monitoring.enabled": False})
    assert [each for each in render(values) if each["apiVersion"] in OPERATORS] == []
