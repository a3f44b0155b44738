"""The chart never holds a secret: it names Secrets, and gives each process only what it needs."""

import re

import pytest

from tests.helm.chart import CHART, Object, Pod, example, of_kind, pods, render

LOOKS_SECRET = re.compile(
    r"(sk|rk)_(live|test)_\w+|whsec_\w+|re_\w{8,}|BEGIN [A-Z ]*PRIVATE KEY|://[^/\s:]+:[^$/\s@][^/\s@]*@"
)
SECRET_NAMES = re.compile(r"SECRET|PASSWORD|API_KEY|_URI$|TOKEN")


def literals(pod: Pod) -> list[str]:
    """Variables with a secret's name whose value stands there for everybody to read."""
    return [
        name
        for name, variable in pod.variables.items()
        if SECRET_NAMES.search(name)
        and "value" in variable
        # The password in it is another variable, which comes from a Secret.
        and not re.fullmatch(r"mongodb://\w+:\$\(TE_PASSWORD_\w+\)@\S+", variable["value"])
    ]


def secrets_of(pod: Pod) -> set[str]:
    """``secret/key`` of all that a pod is given; ``secret/*`` for a whole one that it mounts."""
    variables = {
        f"{source['name']}/{source['key']}"
        for variable in pod.variables.values()
        if (source := variable.get("valueFrom", {}).get("secretKeyRef"))
    }
    mounted = {
        f"{volume['secret']['secretName']}/*"
        for volume in pod.spec.get("volumes", [])
        if "secret" in volume
    }
    return variables | mounted


def test_no_secret_is_made_by_the_chart(objects: list[Object]) -> None:
    assert of_kind(objects, "Secret") == []


def test_no_variable_with_a_secret_has_it_written_out(objects: list[Object]) -> None:
    assert {pod.owner: found for pod in pods(objects) if (found := literals(pod))} == {}


@pytest.mark.parametrize("value", ["sk_live_1", "mongodb://te_auth:hunter2@db/", ""])
def test_a_secret_that_is_written_out_would_be_found(value: str) -> None:
    pod = next(pods(render(example("small"))))
    pod.spec["containers"][0]["env"].append({"name": "STRIPE_SECRET_KEY", "value": value})
    assert literals(pod) == ["STRIPE_SECRET_KEY"]


def test_settings_that_everybody_may_read_hold_no_secret(objects: list[Object]) -> None:
    (settings,) = of_kind(objects, "ConfigMap")
    assert [name for name in settings["data"] if SECRET_NAMES.search(name)] == []


def test_no_file_of_the_chart_holds_what_looks_like_a_secret() -> None:
    for path in CHART.rglob("*"):
        if path.is_file():
            found = LOOKS_SECRET.search(path.read_text(encoding="utf-8"))
            # Between user and host of the address of MongoDB stands the name of a variable.
            assert found is None, f"{path}: {found}"


@pytest.mark.parametrize("text", ["sk_live_abc", "whsec_abc", "mongodb://a:b@c/", "re_12345678"])
def test_what_looks_like_a_secret_would_be_seen(text: str) -> None:
    assert LOOKS_SECRET.search(f"value: {text}")


def test_each_process_is_given_what_it_needs_and_no_more() -> None:
    databases = {f"mongodb/{each}" for each in ("auth", "tickets", "orders", "payments")}
    databases.add("mongodb/operations")
    stripe, certificate = "stripe/STRIPE_SECRET_KEY", "temporal-client/*"
    webhook = "stripe/STRIPE_WEBHOOK_SECRET"
    sign_in = {"google/GOOGLE_CLIENT_SECRET", "github/GITHUB_CLIENT_SECRET"}
    wanted = {
        "api": {*databases, stripe, webhook, certificate, *sign_in},
        "worker": {*databases, stripe, "mail/RESEND_API_KEY", certificate},
        "bootstrap": {certificate},
        "rollout": {certificate},
        "mongodb": {"mongodb/*"},
        "mongodb-setup": {"mongodb/*", certificate},
    }
    for pod in pods(render(example("production"))):
        component = pod.labels["app.kubernetes.io/component"]
        assert secrets_of(pod) == wanted[component], pod.owner


def test_the_database_itself_sees_only_the_key_of_its_members() -> None:
    (pod,) = [pod for pod in pods(render(example("production"))) if pod.kind == "StatefulSet"]
    (secret,) = [volume["secret"] for volume in pod.spec["volumes"] if "secret" in volume]
    assert secret["items"] == [{"key": "keyfile", "path": "keyfile"}]


def test_a_password_is_known_before_the_address_that_holds_it(objects: list[Object]) -> None:
    """Kubernetes puts in only variables that came earlier; later ones stay as $(NAME)."""
    for pod in pods(objects):
        known: set[str] = set()
        for name, variable in pod.variables.items():
            assert set(re.findall(r"\$\((\w+)\)", variable.get("value", ""))) <= known
            known.add(name)
