"""Every values file of the chart, rendered."""

from pathlib import Path

import pytest

from tests.helm.chart import EXAMPLES, Object, read, render


@pytest.fixture(scope="session", params=EXAMPLES, ids=lambda path: path.stem)
def objects(request: pytest.FixtureRequest) -> list[Object]:
    """All objects of a release with one of the examples."""
    path: Path = request.param
    return render(read(path))
