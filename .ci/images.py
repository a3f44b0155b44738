"""A name for what is in an image: ``python .ci/images.py api``.

The same files give the same name, so that an image whose files did not change is neither built nor
rolled out again, and workers whose code did not change keep their version.
"""

import subprocess
import sys
from hashlib import sha256

ALL = (".dockerignore", "Dockerfile", "README.md", "pyproject.toml", "requirements")
INPUTS = {
    "api": (*ALL, "api", "services", "temporal", "ui", "workflows"),
    "worker": (*ALL, "activities", "services", "temporal", "workers", "workflows"),
    "bootstrap": (*ALL, "services", "temporal", "workflows"),
}


def name(image: str, commit: str = "HEAD") -> str:
    """Twelve letters for what this image is made from, as of a commit; KeyError for another."""
    listing = subprocess.run(  # noqa: S603
        ["git", "ls-tree", "-r", commit, "--", *INPUTS[image]],  # noqa: S607
        capture_output=True,
        check=True,
    ).stdout
    return sha256(listing).hexdigest()[:12]


if __name__ == "__main__":
    print(name(sys.argv[1]))
