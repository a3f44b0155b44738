"""``docs/performance.md``, written from the results that are kept."""

from pathlib import Path
from typing import Final

from bench.registry import MEASURES
from bench.results import Result, kept

DOCS: Final = Path(__file__).parent.parent / "docs"
PROSE: Final = Path(__file__).parent / "prose"
"""``opening.md`` and ``tuning.md``: what no measurement writes."""


def write_document(docs: Path = DOCS) -> Path:
    """Write the document and its plots anew; a measure that never ran is named as missing."""
    images = docs / "images"
    sections = [(PROSE / "opening.md").read_text()]
    for name, measure in MEASURES.items():
        result = kept(name)
        if result is None:
            sections.append(f"## {measure.about}\n\nNot measured yet (`make bench ARGS={name}`).\n")
            continue
        plots = measure.plot(result, images) if measure.plot else []
        pictures = "".join(f"\n![{measure.about}](images/{plot.name})\n" for plot in plots)
        sections.append(f"{_void(result)}{measure.section(result)}{pictures}\n{_origin(result)}")
    sections.append((PROSE / "tuning.md").read_text())
    path = docs / "performance.md"
    path.write_text("\n".join(section.strip() + "\n" for section in sections))
    return path


def _void(result: Result) -> str:
    if result.counts:
        return ""
    reasons = "\n".join(f"- {each}" for each in result.broken)
    return f"**Void**: after this run not everything held.\n\n{reasons}\n\n"


def _origin(result: Result) -> str:
    machine = result.machine
    return (
        f"*{result.rounds} rounds on {machine.cores} cores, {machine.memory_gb} GB, Python "
        f"{machine.python}, {machine.at:%Y-%m-%d}, commit {machine.commit}.*\n"
    )
