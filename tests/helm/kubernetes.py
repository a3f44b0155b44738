"""What Kubernetes itself says about an object, from the schemas that it publishes."""

import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

from tests.helm.chart import Object

RELEASES = ("1.35.0", "1.36.0", "1.37.0")
OPERATORS = ("monitoring.coreos.com/v1",)
"""Kinds that Kubernetes does not know by itself."""


def complaints(found: Object, release: str) -> list[str]:
    """What this release of Kubernetes would refuse; fields that it does not know included."""
    validator = _validator(found["apiVersion"], found["kind"], release)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(found)]


@cache
def _validator(version: str, kind: str, release: str) -> Draft202012Validator:
    """``kubernetes_validate.validate`` reads megabytes for each object; this does once."""
    folder = f"kubernetes-json-schema/v{release}-local-strict"
    name = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", version)
    schema = schema_contents(f"{folder}/{kind.lower()}-{name}.json", release)
    registry: Registry[Any] = _definitions(folder, release) @ Registry()
    registry = Resource.from_contents(schema) @ registry
    return Draft202012Validator(schema, registry=registry)


@cache
def _definitions(folder: str, release: str) -> Resource[Any]:
    return Resource.from_contents(schema_contents(f"{folder}/_definitions.json", release))
