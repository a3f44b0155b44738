"""An image is called by what is in it, so that only what changed is built and rolled out."""

import sys
from pathlib import Path

import pytest

from tests.ci.commands import CI, run
from tests.images.dockerfile import copied_from_here, stages
from tests.images.test_dockerfile import OURS, STARTS, removed

IMAGES = sorted(STARTS)
FILES = ("Dockerfile", ".dockerignore", "README.md", "pyproject.toml", "requirements/runtime.txt")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a file of each kind."""
    for name in (*FILES, *(f"{folder}/a.py" for folder in OURS), "ui/a.ts", "docs/a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    run("git", "init", "--quiet", folder=tmp_path)
    commit(tmp_path)
    return tmp_path


def commit(folder: Path) -> None:
    run("git", "add", "--all", folder=folder)
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    done = run("git", *who, "commit", "--quiet", "--message=x", folder=folder)
    assert done.returncode == 0, done.stderr


def names(folder: Path) -> dict[str, str]:
    return {
        image: run(sys.executable, CI / "images.py", image, folder=folder).stdout.strip()
        for image in IMAGES
    }


def changed_by(checkout: Path, name: str) -> set[str]:
    """Images with another name after this file has changed."""
    before = names(checkout)
    (checkout / name).write_text("other")
    commit(checkout)
    after = names(checkout)
    return {image for image in IMAGES if before[image] != after[image]}


@pytest.mark.parametrize("folder", OURS)
def test_an_image_is_another_one_when_what_is_in_it_changes(checkout: Path, folder: str) -> None:
    having = {image for image in IMAGES if folder not in removed(image)}
    assert changed_by(checkout, f"{folder}/a.py") == having


@pytest.mark.parametrize("name", FILES)
def test_everything_that_all_are_made_with_changes_all(checkout: Path, name: str) -> None:
    assert changed_by(checkout, name) == set(IMAGES)


def test_the_client_is_in_one_image_and_the_documentation_in_none(checkout: Path) -> None:
    assert changed_by(checkout, "ui/a.ts") == {"api"}
    assert changed_by(checkout, "docs/a.md") == set()


def test_nothing_is_copied_that_no_name_knows() -> None:
    """A file in the Dockerfile and not in the name would be rolled out by accident or never."""
    copied = {
        source.split("/")[0] for stage in stages().values() for source in copied_from_here(stage)
    }
    assert copied == {*OURS, "ui", "requirements", "pyproject.toml", "README.md"}


def test_a_name_is_a_version_that_workers_may_have() -> None:
    assert all(name.isalnum() and len(name) == 12 for name in names(CI.parent).values())
