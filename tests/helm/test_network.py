"""Who may speak with whom: the policies, read as Kubernetes reads them."""

import pytest

from tests.helm.chart import Object, Pod, example, having, of_kind, pods, render

Flow = tuple[str, str, int]
"""From a component, to a component or an outside party, at a port."""

MONGODB, API, METRICS, TEMPORAL, HTTPS, DNS = 27017, 8000, 9464, 7233, 443, 53


def flows(objects: list[Object]) -> set[Flow]:
    """What the policies let through, between pods only where both ends agree."""
    found = list(pods(objects))
    components = sorted({_component(pod) for pod in found})
    out = {(one, *end) for one in components for end in _open(objects, found, one, "egress")}
    into = {(one, *end) for one in components for end in _open(objects, found, one, "ingress")}
    inside = set(components)
    return {
        *((one, other, port) for one, other, port in out if other not in inside),
        *((other, one, port) for one, other, port in into if other not in inside),
        *((one, other, port) for one, other, port in out if (other, one, port) in into),
    }


def _component(pod: Pod) -> str:
    return pod.labels["app.kubernetes.io/component"]


def _open(
    objects: list[Object], found: list[Pod], component: str, way: str
) -> set[tuple[str, int]]:
    side = "to" if way == "egress" else "from"
    pod = next(each for each in found if _component(each) == component)
    return {
        (party, port["port"])
        for policy in of_kind(objects, "NetworkPolicy")
        if policy["spec"]["podSelector"]["matchLabels"].items() <= pod.labels.items()
        for rule in policy["spec"].get(way, [])
        for peer in rule[side]
        for party in _parties(peer, found)
        for port in rule["ports"]
    }


def _parties(peer: Object, found: list[Pod]) -> set[str]:
    if "ipBlock" in peer:
        return {peer["ipBlock"]["cidr"]}
    if "namespaceSelector" in peer:
        return {peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]}
    wanted = peer["podSelector"]["matchLabels"].items()
    return {_component(pod) for pod in found if wanted <= pod.labels.items()}


NAMES = {
    *((each, "kube-system", DNS) for each in ("api", "worker", "bootstrap", "rollout")),
}
ALWAYS = {
    *NAMES,
    *((each, "temporal", TEMPORAL) for each in ("api", "worker", "bootstrap", "rollout")),
    *((each, "0.0.0.0/0", HTTPS) for each in ("api", "worker")),
    ("ingress-nginx", "api", API),
}
OF_MONGODB = {
    *((each, "kube-system", DNS) for each in ("mongodb", "mongodb-setup")),
    *((each, "mongodb", MONGODB) for each in ("api", "worker", "mongodb", "mongodb-setup")),
}
OF_METRICS = {("monitoring", "api", API), ("monitoring", "worker", METRICS)}


def test_nothing_speaks_but_what_must() -> None:
    assert flows(render(example("small"))) == ALWAYS | OF_MONGODB


def test_prometheus_comes_in_only_when_it_is_there() -> None:
    assert flows(render(example("production"))) == ALWAYS | OF_MONGODB | OF_METRICS


def test_what_is_elsewhere_is_reached_where_it_is_said_to_be() -> None:
    everywhere = {flow for flow in ALWAYS if flow[1] != "temporal"}
    reached = {(each, "0.0.0.0/0", TEMPORAL) for each in ("api", "worker", "bootstrap", "rollout")}
    mongodb = {(each, "10.30.0.0/16", MONGODB) for each in ("api", "worker")}
    assert flows(render(example("cloud"))) == everywhere | reached | mongodb


def test_every_pod_is_closed_both_ways_before_anything_is_opened(objects: list[Object]) -> None:
    (closing,) = [
        policy
        for policy in of_kind(objects, "NetworkPolicy")
        if set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    ]
    assert "ingress" not in closing["spec"]
    assert "egress" not in closing["spec"]
    wanted = closing["spec"]["podSelector"]["matchLabels"].items()
    assert all(wanted <= pod.labels.items() for pod in pods(objects))


def test_the_internet_is_not_our_own_network(objects: list[Object]) -> None:
    for policy in of_kind(objects, "NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            for peer in rule["to"]:
                if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0":
                    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} <= set(
                        peer["ipBlock"]["except"]
                    )


def test_a_collector_of_traces_is_reached_when_it_is_named() -> None:
    collector = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "tracing"}}}
    values = having(example("small"), {"networkPolicy.telemetry": [collector]})
    added = flows(render(values)) - flows(render(example("small")))
    assert added == {("api", "tracing", 4318), ("worker", "tracing", 4318)}


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_the_ingress_leads_nobody_to_what_is_for_machines(path: str) -> None:
    (ingress,) = of_kind(render(example("small")), "Ingress")
    backends = {
        each["path"]: each["backend"]["service"]["name"]
        for each in ingress["spec"]["rules"][0]["http"]["paths"]
    }
    assert backends[path] == "tickets-closed"
    assert backends["/"] == "tickets-api"


def test_the_ingress_speaks_tls_for_the_host_of_the_public_address() -> None:
    (ingress,) = of_kind(render(example("small")), "Ingress")
    assert ingress["spec"]["rules"][0]["host"] == "tickets.example.com"
    assert ingress["spec"]["tls"] == [
        {"hosts": ["tickets.example.com"], "secretName": "tickets-tls"}
    ]
