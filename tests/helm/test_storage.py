"""What remembers has a volume that outlives its pod; what does not, has none."""

from tests.helm.chart import Object, example, named, of_kind, pods, render

REMEMBERS = {"mongodb": "/data/db"}
"""Components that keep something, and where."""


def test_everything_that_remembers_has_a_persistent_volume() -> None:
    stateful = of_kind(render(example("production")), "StatefulSet")
    kept = {
        each["metadata"]["labels"]["app.kubernetes.io/component"]: [
            mount["mountPath"]
            for claim in each["spec"]["volumeClaimTemplates"]
            for mount in each["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
            if mount["name"] == claim["metadata"]["name"]
        ]
        for each in stateful
    }
    assert kept == {component: [place] for component, place in REMEMBERS.items()}


def test_a_volume_outlives_the_release() -> None:
    database = named(render(example("small")), "StatefulSet", "tickets-mongodb")
    policy = database["spec"]["persistentVolumeClaimRetentionPolicy"]
    assert policy == {"whenDeleted": "Retain", "whenScaled": "Retain"}


def test_everything_else_may_be_lost_at_any_time(objects: list[Object]) -> None:
    for pod in pods(objects):
        if pod.labels["app.kubernetes.io/component"] not in REMEMBERS:
            kinds = {kind for volume in pod.spec["volumes"] for kind in volume if kind != "name"}
            assert kinds <= {"emptyDir", "secret"}, pod.owner


def test_every_volume_that_is_mounted_is_there_and_no_memory_is_without_bound(
    objects: list[Object],
) -> None:
    for pod in pods(objects):
        claims = {"data"} if pod.kind == "StatefulSet" else set()
        volumes = {volume["name"]: volume for volume in pod.spec["volumes"]}
        for container in pod.containers:
            for mount in container["volumeMounts"]:
                assert mount["name"] in {*volumes, *claims}, pod.owner
        for volume in volumes.values():
            assert "emptyDir" not in volume or "sizeLimit" in volume["emptyDir"]


def test_the_members_are_three_that_know_each_other_by_name() -> None:
    objects = render(example("production"))
    database = named(objects, "StatefulSet", "tickets-mongodb")
    assert database["spec"]["replicas"] == 3
    host = "tickets-mongodb-{}.tickets-mongodb.shop.svc.cluster.local:27017"
    members = [host.format(n) for n in range(3)]
    setup = named(objects, "Job", "tickets-mongodb-setup-1")
    arguments = setup["spec"]["template"]["spec"]["containers"][0]["args"]
    assert arguments[1:4] == members
    service = named(objects, "Service", database["spec"]["serviceName"])
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["publishNotReadyAddresses"] is True


def test_members_ask_each_other_for_a_key_and_everybody_for_a_password() -> None:
    database = named(render(example("small")), "StatefulSet", "tickets-mongodb")
    command = database["spec"]["template"]["spec"]["containers"][0]["command"]
    assert {"--auth", "--keyFile=/keyfile/keyfile", "--replSet=rs0"} <= set(command)


def test_with_a_mongodb_elsewhere_the_cluster_keeps_nothing() -> None:
    objects = render(example("cloud"))
    assert of_kind(objects, "StatefulSet", "PersistentVolumeClaim") == []
    assert "mongodb" not in {pod.labels["app.kubernetes.io/component"] for pod in pods(objects)}
