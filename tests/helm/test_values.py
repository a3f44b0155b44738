"""Whoever sets a value wrong is told in a sentence which one, before anything is made of it."""

from typing import Any

import pytest
from helm_python.errors import HelmError

from tests.helm.chart import CHART, example, having, read, render

SMALL = example("small")


def refusal(changes: dict[str, Any], name: str = "tickets") -> str:
    """What Helm says to the small example with these changes."""
    with pytest.raises(HelmError) as error:
        render(having(SMALL, changes), name=name)
    return str(error.value)


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(HelmError) as error:
        render({})
    told = str(error.value)
    for value in (
        *("publicUrl", "temporal.address", "mongodb.existingSecret", "stripe.existingSecret"),
        *("stripe.publishableKey", "mail.existingSecret", "mail.from", "ingress.tlsSecret"),
    ):
        assert f"{value} is missing" in told
    assert "nil pointer" not in told


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mongodb.members": 4}, "mongodb.members must be odd"),
        ({"images.tag": "latest"}, "images.tag must not be latest"),
        ({"api.trustedProxies": []}, "all people would share the limits of one address"),
        ({"settings.MONGODB_URI": "x"}, "settings.MONGODB_URI looks like a secret"),
        ({"mongodb.enabled": False}, "mongodb.external.existingSecret is missing"),
        ({"mongodb.external.existingSecret": "x"}, "choose one MongoDB"),
        ({"networkPolicy.temporal": []}, "nobody could reach Temporal"),
        ({"signIn.google.clientId": "x"}, "signIn.google.existingSecret is missing"),
        ({"workers.previous": [{"buildId": "0.1.0"}]}, "it is the version of today"),
        (
            {"workers.queues.mail.settings": {"WORKER_QUEUES": "x"}},
            "workers.queues.mail.settings.WORKER_QUEUES: the chart sets it",
        ),
        ({"api.autoscaling": {"min": 5, "max": 3}}, "api.autoscaling: min is more than max"),
    ],
)
def test_what_does_not_go_together_is_refused_with_a_sentence(
    changes: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal(changes)


@pytest.mark.parametrize("name", ["t" * 41, "tick.ets"])
def test_a_release_whose_name_leaves_no_room_is_refused(name: str) -> None:
    assert "40 letters at most and no dot" in refusal({}, name=name)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"publicUrl": "http://tickets.example.com"}, "/publicUrl"),
        ({"api.replica": 3}, "'replica'"),
        ({"api.trustedProxies": ["0.0.0.0/0"]}, "/api/trustedProxies/0"),
        ({"environment": "Prod!"}, "/environment"),
        ({"images.digests.api": "sha256:short"}, "/images/digests/api"),
        ({"workers.queues.mail.replicas": 0}, "/workers/queues/mail/replicas"),
        ({"workers.queues.parcels": {}}, "'parcels'"),
        ({"stripe.publishableKey": "sk_live_secret"}, "/stripe/publishableKey"),
        ({"mongodb.storage.size": "plenty"}, "/mongodb/storage/size"),
        ({"api.resources.limits.memory": "plenty"}, "/api/resources/limits/memory"),
        ({"settings": {"lower": "x"}}, "lower"),
        ({"temporal.address": "temporal"}, "/temporal/address"),
        ({"api.autoscaling.min": 1}, "/api/autoscaling/min"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(changes: dict[str, Any], place: str) -> None:
    told = refusal(changes)
    assert place in told
    assert "nil pointer" not in told


def test_the_defaults_are_what_the_schema_knows_and_no_more() -> None:
    """A value that the schema lacks could be set wrong without a word."""
    schema: dict[str, Any] = read(CHART / "values.schema.json")
    values = read(CHART / "values.yaml")
    assert set(values) == set(schema["properties"]) - {"global"}
    for name, part in values.items():
        known = schema["properties"][name]
        if isinstance(part, dict) and "properties" in known:
            assert set(part) == set(known["properties"]), name
            assert known["additionalProperties"] is False, name
