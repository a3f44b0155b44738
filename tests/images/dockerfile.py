"""The Dockerfile, read stage by stage, and what .dockerignore lets the builder see."""

import json
import shlex
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
TARGETS = ("api", "worker", "bootstrap", "stand-ins")


@dataclass
class Stage:
    """One ``FROM … AS name`` and what follows."""

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def values(self, instruction: str) -> list[str]:
        """What this instruction is given, each time."""
        return [value for name, value in self.steps if name == instruction]

    def command(self, instruction: str) -> list[str]:
        """The last ENTRYPOINT or CMD; raises ``json.JSONDecodeError`` if it is for a shell."""
        parts: list[str] = json.loads(self.values(instruction)[-1])
        return parts


def stages() -> dict[str, Stage]:
    """All stages by name, in order; ``FROM`` with a variable is given its default."""
    with DOCKERFILE.open("rb") as file:
        instructions = DockerfileParser(fileobj=file).structure
    defaults: dict[str, str] = {}
    found: dict[str, Stage] = {}
    for step in instructions:
        name, value = step["instruction"], step["value"]
        if name == "FROM":
            base, _, alias = value.partition(" AS ")
            for variable, default in defaults.items():
                base = base.replace(f"${{{variable}}}", default)
            found[alias] = Stage(alias, base)
        elif name == "ARG" and not found:
            variable, _, default = value.partition("=")
            defaults[variable] = default
        elif found and name != "COMMENT":
            list(found.values())[-1].steps.append((name, value))
    return found


def copied_from_here(stage: Stage) -> list[str]:
    """Sources of COPY that come from the checkout and not from another stage."""
    return [
        source
        for value in stage.values("COPY")
        if not value.startswith("--from")
        for source in shlex.split(value)[:-1]
    ]


def reaches_the_builder(path: str, rules: str | None = None) -> bool:
    """As Docker reads .dockerignore: the last rule that fits a path, or a folder of it, decides."""
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8") if rules is None else rules
    seen = True
    for line in rules.splitlines():
        rule = line.strip()
        if rule and not rule.startswith("#"):
            pattern = rule.removeprefix("!").strip("/")
            if any(_fits(pattern, prefix) for prefix in _prefixes(path)):
                seen = rule.startswith("!")
    return seen


def _prefixes(path: str) -> list[str]:
    parts = Path(path).parts
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def _fits(pattern: str, path: str) -> bool:
    wanted, parts = pattern.split("/"), path.split("/")
    if wanted[0] == "**":
        rest = wanted[1:]
        return any(_each_fits(rest, parts[start:]) for start in range(len(parts)))
    return _each_fits(wanted, parts)


def _each_fits(wanted: list[str], parts: list[str]) -> bool:
    return len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted))
