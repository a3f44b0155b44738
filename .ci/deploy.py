"""``helm upgrade --install`` of images that were just built, taken back as a whole if it fails.

Uses the Helm that also renders the chart in the tests. Reads from the environment: RELEASE,
KUBE_NAMESPACE, HELM_VALUES (YAML without secrets, see docs/deployment.md), and API_DIGEST,
WORKER_DIGEST, BOOTSTRAP_DIGEST. Which cluster: KUBECONFIG. Repeating it changes nothing.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from helm_python import chart
from helm_python.config import Config
from helm_python.errors import HelmError, HelmNotFoundError

CHART: Final = Path(__file__).parent.parent / "helm" / "ticket-exchange"
WAIT_SECONDS: Final = 1_200
IMAGES: Final = ("api", "worker", "bootstrap")


def values(environment: Mapping[str, str]) -> dict[str, Any]:
    """The operator's values with these images; raises KeyError for a variable that is missing."""
    told = chart.values_from_yaml(environment["HELM_VALUES"])
    digests = {image: environment[f"{image.upper()}_DIGEST"] for image in IMAGES}
    return {**told, "images": {**told.get("images", {}), "digests": digests}}


def deploy(environment: Mapping[str, str]) -> int:
    """Upgrade, wait until everything is ready, and go back to what was there if it is not."""
    release, namespace = environment["RELEASE"], environment["KUBE_NAMESPACE"]
    told, path = values(environment), str(CHART)
    with chart.Chart.load(path) as loaded:
        loaded.render(told, name=release, namespace=namespace)  # a wrong value is told before
    with Config(namespace=namespace) as cluster:
        try:
            done = cluster.upgrade(
                path, release, told, wait="watcher", timeout=WAIT_SECONDS, rollback_on_failure=True
            )
        except HelmNotFoundError:
            done = cluster.install(path, release, told, wait="watcher", timeout=WAIT_SECONDS)
    return int(done["version"])


if __name__ == "__main__":
    try:
        print(f"Revision {deploy(os.environ)} is there.")
    except KeyError as error:
        sys.exit(f"{error} is not set.")
    except HelmError as error:
        sys.exit(f"Not deployed: {error}")
