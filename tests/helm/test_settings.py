"""The chart sets what our processes read, under the names by which they read it."""

import re
from importlib.util import find_spec

from tests.helm.chart import ROOT, Object, of_kind, pods

KNOWN = set(re.findall(r"^#([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
OF_THE_CHART = re.compile(r"TE_PASSWORD_\w+")
"""Variables that only become part of others."""


def test_every_variable_is_one_that_our_processes_read(objects: list[Object]) -> None:
    (settings,) = of_kind(objects, "ConfigMap")
    ours = [pod for pod in pods(objects) if pod.labels["app.kubernetes.io/component"] != "mongodb"]
    names = {*settings["data"], *(name for pod in ours for name in pod.variables)}
    assert {name for name in names if not OF_THE_CHART.fullmatch(name)} - KNOWN == set()


def test_a_changed_setting_starts_pods_anew(objects: list[Object]) -> None:
    for each in of_kind(objects, "Deployment"):
        assert "checksum/settings" in each["spec"]["template"]["metadata"]["annotations"]


def test_every_job_runs_a_command_that_exists(objects: list[Object]) -> None:
    for pod in pods(objects):
        if pod.kind == "Job":
            assert find_spec(pod.spec["containers"][0]["args"][0]) is not None, pod.owner
