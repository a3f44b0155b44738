"""The chart as Helm renders it, without a cluster."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from helm_python import chart as helm

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "ticket-exchange"
EXAMPLES = sorted((CHART / "ci").glob("*-values.yaml"))
RELEASE, NAMESPACE = "tickets", "shop"

Object = dict[str, Any]
Values = dict[str, Any]


def example(name: str) -> Values:
    """One of the values files under ci/."""
    return read(CHART / "ci" / f"{name}-values.yaml")


def read(path: Path) -> Values:
    """The values of a file, as Helm reads them."""
    return helm.values_from_yaml(path.read_text(encoding="utf-8"))


def having(values: Values, changes: Values) -> Values:
    """A copy with other values at places such as ``mongodb.members``."""
    changed = deepcopy(values)
    for place, value in changes.items():
        *way, last = place.split(".")
        inner = changed
        for step in way:
            inner = inner.setdefault(step, {})
        inner[last] = value
    return changed


def render(values: Values, *, name: str = RELEASE, revision: int = 1) -> list[Object]:
    """All objects of a release; raises ``helm_python.errors.HelmError`` with Helm's words."""
    with helm.Chart.load(str(CHART)) as chart:
        files = chart.render(values, name=name, namespace=NAMESPACE, revision=revision)
    return [
        found
        for path, text in files.items()
        if path.endswith(".yaml")
        for found in yaml.safe_load_all(text)
        if found
    ]


def of_kind(objects: list[Object], *kinds: str) -> list[Object]:
    """Those of these kinds."""
    return [each for each in objects if each["kind"] in kinds]


def named(objects: list[Object], kind: str, name: str) -> Object:
    """The one with this name."""
    (found,) = [each for each in of_kind(objects, kind) if each["metadata"]["name"] == name]
    return found


@dataclass(frozen=True)
class Pod:
    """What a workload makes its pods from."""

    owner: str
    kind: str
    labels: dict[str, str]
    spec: Object

    @property
    def containers(self) -> list[Object]:
        """All of them, those that prepare included."""
        return [*self.spec["containers"], *self.spec.get("initContainers", [])]

    @property
    def variables(self) -> dict[str, Object]:
        """What each variable of the first container is, by name."""
        return {each["name"]: each for each in self.spec["containers"][0].get("env", [])}


def pods(objects: list[Object]) -> Iterator[Pod]:
    """One for each workload."""
    for each in of_kind(objects, "Deployment", "StatefulSet", "Job"):
        template = each["spec"]["template"]
        yield Pod(
            owner=each["metadata"]["name"],
            kind=each["kind"],
            labels=template["metadata"]["labels"],
            spec=template["spec"],
        )
