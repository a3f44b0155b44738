"""What every pod may do, needs and answers."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.helm.chart import Object, Pod, example, of_kind, pods, render

Change = Callable[[Object], object]


def not_locked_down(pod: Pod) -> list[str]:
    """What a pod may do and must not."""
    spec, whole = pod.spec, pod.spec.get("securityContext", {})
    rules = {
        "has a token of Kubernetes": spec.get("automountServiceAccountToken") is False,
        "may run as root": whole.get("runAsNonRoot") and whole.get("runAsUser", 0) > 0,
        "may make any system call": whole.get("seccompProfile") == {"type": "RuntimeDefault"},
        "shares the node": not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(),
        "sees files of the node": not any("hostPath" in each for each in spec.get("volumes", [])),
    }
    wrong = [complaint for complaint, kept in rules.items() if not kept]
    return wrong + [each for container in pod.containers for each in _loose(container)]


def _loose(container: Object) -> list[str]:
    own = container.get("securityContext", {})
    rules = {
        "may change its files": own.get("readOnlyRootFilesystem") is True,
        "has capabilities": own.get("capabilities") == {"drop": ["ALL"]},
        "may become more": own.get("allowPrivilegeEscalation") is False,
        "sees the node's devices": not own.get("privileged"),
        "is root": own.get("runAsUser") != 0,
    }
    return [f"{container['name']} {complaint}" for complaint, kept in rules.items() if not kept]


def test_no_pod_may_do_more_than_it_must(objects: list[Object]) -> None:
    assert {pod.owner: wrong for pod in pods(objects) if (wrong := not_locked_down(pod))} == {}


@pytest.mark.parametrize(
    ("loosen", "complaint"),
    [
        (lambda spec: spec.pop("automountServiceAccountToken"), "token"),
        (lambda spec: spec["securityContext"].update(runAsNonRoot=False), "as root"),
        (lambda spec: spec["securityContext"].pop("seccompProfile"), "system call"),
        (lambda spec: spec.update(hostNetwork=True), "shares the node"),
        (lambda spec: spec["volumes"].append({"hostPath": {"path": "/"}}), "files of the node"),
        (lambda spec: spec["containers"][0].pop("securityContext"), "may change its files"),
        (
            lambda spec: spec["containers"][0]["securityContext"].update(runAsUser=0),
            "is root",
        ),
    ],
)
def test_a_pod_that_may_do_more_would_be_found(loosen: Change, complaint: str) -> None:
    pod = deepcopy(next(pods(render(example("small")))))
    loosen(pod.spec)
    assert complaint in "; ".join(not_locked_down(pod))


def test_every_container_says_what_it_needs_and_how_much_memory_is_too_much(
    objects: list[Object],
) -> None:
    for pod in pods(objects):
        for container in pod.containers:
            resources = container["resources"]
            assert {"cpu", "memory"} <= resources["requests"].keys(), pod.owner
            assert "memory" in resources["limits"], pod.owner


def test_every_pod_that_stays_answers_whether_it_started_lives_and_is_ready(
    objects: list[Object],
) -> None:
    for pod in pods(objects):
        probes = {"startupProbe", "livenessProbe", "readinessProbe"}
        asked = probes & pod.spec["containers"][0].keys()
        assert asked == (set() if pod.kind == "Job" else probes), pod.owner


def test_life_does_not_depend_on_others(objects: list[Object]) -> None:
    """A restart cures no outage elsewhere: /readyz asks MongoDB and Temporal, /healthz nobody."""
    api = next(pod for pod in pods(objects) if pod.owner == "tickets-api").spec["containers"][0]
    assert api["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert api["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_probes_ask_ports_that_the_container_names(objects: list[Object]) -> None:
    for pod in pods(objects):
        for container in pod.spec["containers"]:
            ports = {port["name"] for port in container.get("ports", [])}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = container.get(probe, {})
                for how in ("httpGet", "tcpSocket"):
                    assert how not in asked or asked[how]["port"] in ports


def test_a_worker_is_not_killed_before_its_steps_had_their_time(objects: list[Object]) -> None:
    for pod in pods(objects):
        if pod.labels["app.kubernetes.io/component"] == "worker":
            graceful = float(pod.variables["WORKER_GRACEFUL_SECONDS"]["value"])
            assert pod.spec["terminationGracePeriodSeconds"] > graceful


def test_the_api_leaves_only_when_nobody_sends_it_requests_any_more(
    objects: list[Object],
) -> None:
    (pod,) = [pod for pod in pods(objects) if pod.owner == "tickets-api"]
    pause = pod.spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause > 0
    assert pod.spec["terminationGracePeriodSeconds"] > pause + 10  # api.__main__.GRACE_SECONDS


def test_pods_of_one_kind_keep_away_from_each_other(objects: list[Object]) -> None:
    for pod in pods(objects):
        spread = {each["topologyKey"] for each in pod.spec.get("topologySpreadConstraints", [])}
        wanted = {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        assert spread == (set() if pod.kind == "Job" else wanted), pod.owner


def test_production_runs_two_of_everything_that_serves() -> None:
    objects = render(example("production"))
    for scaler in of_kind(objects, "HorizontalPodAutoscaler"):
        assert scaler["spec"]["minReplicas"] >= 2, scaler["metadata"]["name"]
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]
        for each in of_kind(objects, "HorizontalPodAutoscaler")
    }
    for deployment in of_kind(objects, "Deployment"):
        if deployment["metadata"]["name"] not in scaled:
            assert deployment["spec"]["replicas"] >= 2, deployment["metadata"]["name"]


def test_an_autoscaler_alone_decides_how_many_there_are() -> None:
    objects = render(example("production"))
    deployments = {each["metadata"]["name"]: each for each in of_kind(objects, "Deployment")}
    for scaler in of_kind(objects, "HorizontalPodAutoscaler"):
        assert "replicas" not in deployments[scaler["spec"]["scaleTargetRef"]["name"]]["spec"]


def test_images_are_taken_by_digest_where_there_is_one() -> None:
    images = {
        container["image"]
        for pod in pods(render(example("production")))
        if pod.labels["app.kubernetes.io/component"] != "mongodb"
        for container in pod.containers
    }
    assert all("@sha256:" in image for image in images)
    assert {image.partition("@")[0].rpartition("/")[2] for image in images} == {
        "ticket-exchange-api",
        "ticket-exchange-worker",
        "ticket-exchange-bootstrap",
    }


def test_no_image_is_whatever_is_newest(objects: list[Object]) -> None:
    for pod in pods(objects):
        for container in pod.containers:
            name = container["image"].rpartition("/")[2]
            assert "@" in name or ":" in name, name
            assert not name.endswith(":latest")
