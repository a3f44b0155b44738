"""Purchases stay with the workers that they began with, whatever is rolled out."""

from typing import Any

import pytest

from tests.helm.chart import Object, Pod, example, having, of_kind, pods, render
from workflows.queues import TaskQueue

DIGEST = "images.digests.worker"


def workers(objects: list[Object]) -> dict[str, Pod]:
    """The workers' pods by the name of their Deployment."""
    return {
        pod.owner: pod
        for pod in pods(objects)
        if pod.labels["app.kubernetes.io/component"] == "worker"
    }


def versions(objects: list[Object]) -> dict[str, set[str]]:
    """The queues of each version."""
    found: dict[str, set[str]] = {}
    for pod in workers(objects).values():
        queues = found.setdefault(pod.variables["WORKER_BUILD_ID"]["value"], set())
        queues.add(pod.variables["WORKER_QUEUES"]["value"])
    return found


def test_no_queue_of_ours_is_without_workers_in_any_version(objects: list[Object]) -> None:
    for queues in versions(objects).values():
        assert {f'["{queue}"]' for queue in TaskQueue} <= queues


def test_another_image_is_another_version_beside_which_the_old_one_stays() -> None:
    before = workers(render(example("production")))
    after = workers(render(having(example("production"), {DIGEST: "sha256:" + "5" * 64})))
    changed = {name for name in before if "-2222" in name}
    assert changed
    assert changed & after.keys() == set()


def test_helm_leaves_every_version_running_when_it_is_no_longer_named(
    objects: list[Object],
) -> None:
    for each in of_kind(objects, "Deployment"):
        kept = each["metadata"].get("annotations", {}).get("helm.sh/resource-policy") == "keep"
        assert kept == ("-worker-" in each["metadata"]["name"])


def test_a_version_that_was_named_before_is_changed_in_nothing_but_its_number() -> None:
    """Named as a previous one, it must be the same Deployment, or Kubernetes would replace it."""
    values = having(example("production"), {"workers.previous": []})
    new = {DIGEST: "sha256:" + "5" * 64}
    old: dict[str, Any] = {"buildId": "2" * 12, "digest": "sha256:" + "2" * 64, "replicas": 2}
    today = {name: pod.spec for name, pod in workers(render(values)).items()}
    later = workers(render(having(values, {**new, "workers.previous": [old]})))
    assert {name: later[name].spec for name in today} == today


def test_the_version_is_the_digest_of_the_image_or_else_its_tag() -> None:
    assert "222222222222" in versions(render(example("production")))
    assert "0.1.0" in versions(render(example("cloud")))
    named = having(example("production"), {"workers.buildId": "2026-11-25.1"})
    assert "2026-11-25.1" in versions(render(named))


@pytest.mark.parametrize("name", ["small", "production", "cloud"])
def test_new_purchases_go_to_the_new_version_once_it_is_there(name: str) -> None:
    (rollout,) = [
        each
        for each in of_kind(render(example(name)), "Job")
        if each["metadata"]["name"] == "tickets-rollout"
    ]
    # Helm runs it when everything is ready; after a rollback that is the older chart's own.
    hooks = rollout["metadata"]["annotations"]["helm.sh/hook"].split(",")
    assert hooks == ["post-install", "post-upgrade", "post-rollback"]
    arguments = rollout["spec"]["template"]["spec"]["containers"][0]["args"]
    assert arguments[0] == "temporal.versions"
    assert arguments[1] in versions(render(example(name)))


def test_all_versions_are_of_one_deployment_named_like_the_release() -> None:
    (settings,) = of_kind(render(example("production"), name="sales"), "ConfigMap")
    assert settings["data"]["WORKER_DEPLOYMENT"] == "sales"


def test_jobs_of_two_upgrades_do_not_meet() -> None:
    first, second = (
        {
            each["metadata"]["name"]
            for each in of_kind(render(example("small"), revision=revision), "Job")
            if "annotations" not in each["metadata"]
        }
        for revision in (1, 2)
    )
    assert first & second == set()
