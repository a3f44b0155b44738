"""Who finds whom by labels."""

from tests.helm.chart import Object, Pod, example, of_kind, pods, render

VERSION = "ticket-exchange/build-id"


def selected(selector: dict[str, str], found: list[Pod]) -> list[Pod]:
    """The pods that carry all of these labels."""
    return [pod for pod in found if selector.items() <= pod.labels.items()]


def test_a_workload_selects_its_own_pods_and_no_others(objects: list[Object]) -> None:
    found = list(pods(objects))
    for each in of_kind(objects, "Deployment", "StatefulSet"):
        selector = each["spec"]["selector"]["matchLabels"]
        owners = [pod.owner for pod in selected(selector, found)]
        assert owners == [each["metadata"]["name"]]


def test_services_lead_somewhere_but_the_closed_one(objects: list[Object]) -> None:
    found = list(pods(objects))
    for service in of_kind(objects, "Service"):
        selector = service["spec"].get("selector")
        assert (selector is None) == service["metadata"]["name"].endswith("-closed")
        if selector:
            (pod,) = selected(selector, found)
            ports = {port["name"] for port in pod.spec["containers"][0]["ports"]}
            targets = {each.get("targetPort", each["name"]) for each in service["spec"]["ports"]}
            assert targets <= ports


def test_only_workers_deployments_know_a_version() -> None:
    """What spoke of a version anywhere else would lose the workers of the one before."""
    for each in render(example("production")):
        if each["kind"] == "Deployment" and "-worker-" in each["metadata"]["name"]:
            assert VERSION in each["spec"]["selector"]["matchLabels"]
        else:
            spec = each.get("spec", {})
            assert VERSION not in str(spec.get("selector", "")), each["metadata"]["name"]
            assert VERSION not in str(spec.get("podSelector", "")), each["metadata"]["name"]


def test_every_pod_that_stays_is_drained_one_at_a_time(objects: list[Object]) -> None:
    budgets = of_kind(objects, "PodDisruptionBudget")
    assert all(budget["spec"]["maxUnavailable"] == 1 for budget in budgets)
    for pod in pods(objects):
        if pod.kind != "Job":
            covering = [
                budget
                for budget in budgets
                if budget["spec"]["selector"]["matchLabels"].items() <= pod.labels.items()
            ]
            # With two budgets over one pod Kubernetes refuses to evict it at all.
            assert len(covering) == 1, pod.owner


def test_prometheus_finds_the_pods_that_tell_metrics() -> None:
    objects = render(example("production"))
    found = list(pods(objects))
    (worker,) = of_kind(objects, "PodMonitor")
    assert {
        pod.labels["app.kubernetes.io/component"]
        for pod in selected(worker["spec"]["selector"]["matchLabels"], found)
    } == {"worker"}
    (api,) = of_kind(objects, "ServiceMonitor")
    services = [
        service["metadata"]["name"]
        for service in of_kind(objects, "Service")
        if api["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    ]
    assert services == ["tickets-api"]
