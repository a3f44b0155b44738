"""The command that rolls out, up to where it would need a cluster."""

import sys
from pathlib import Path

import pytest

from tests.ci.commands import CI, ROOT, run

SMALL = (ROOT / "helm" / "ticket-exchange" / "ci" / "small-values.yaml").read_text(encoding="utf-8")
DIGESTS = {f"{each}_DIGEST": "sha256:" + "a" * 64 for each in ("API", "WORKER", "BOOTSTRAP")}
TOLD = {"RELEASE": "tickets", "KUBE_NAMESPACE": "shop", "HELM_VALUES": SMALL, **DIGESTS}


def deploy(environment: dict[str, str]) -> tuple[int, str]:
    done = run(sys.executable, CI / "deploy.py", environment=environment)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("missing", sorted(TOLD))
def test_what_is_missing_is_named(missing: str) -> None:
    told = {name: value for name, value in TOLD.items() if name != missing}
    code, error = deploy(told)
    assert code == 1
    assert f"'{missing}' is not set." in error


def test_a_wrong_value_is_told_before_the_cluster_is_asked() -> None:
    code, error = deploy({**TOLD, "HELM_VALUES": SMALL.replace("trial", "Trial!")})
    assert code == 1
    assert "/environment" in error


def test_a_cluster_that_is_away_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\n"
        "contexts: [{name: a, context: {cluster: a, user: a}}]\nusers: [{name: a, user: {}}]\n"
        "clusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]\n"
    )
    code, error = deploy({**TOLD, "KUBECONFIG": str(tmp_path / "config")})
    assert code == 1
    assert "Not deployed:" in error
