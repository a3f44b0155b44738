"""``python -m tests.soak`` (``make soak``)."""

import random
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from tests.soak.soak import Report, soak


def main(
    minutes: Annotated[float, typer.Option(min=0.5, help="How long people are about.")] = 30,
    seed: Annotated[
        int | None, typer.Option(help="The same seed plans the same faults; by default a new one.")
    ] = None,
) -> None:
    """Mixed traffic and random faults on a stack of its own; then the books must agree.

    People sell, buy, race, pay with all kinds of cards, cancel, return and walk away, while parts
    are killed, stand still or answer nonsense, and events are lost, doubled, late and reversed. In
    the second half api, worker and mongod are spared, so that one sees whether they grow. Ends with
    0 if everything holds. Ctrl-C ends it early, with the books closed all the same.
    """
    planned = seed if seed is not None else random.SystemRandom().randrange(10_000)
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    typer.echo(f"seed {planned}, {minutes:g} minutes, data in {folder}")
    report = soak(folder, minutes=minutes, seed=planned, say=typer.echo)
    _tell(report)
    if report.broken:
        typer.echo(f"Does not hold ({folder} is kept):", err=True)
        for each in report.broken:
            typer.echo(f"  {each}", err=True)
        raise typer.Exit(1)
    shutil.rmtree(folder)
    typer.echo("Everything holds.")


def _tell(report: Report) -> None:
    _list("Errands", report.ends)
    _list("What went wrong", report.blows)
    _list("Put right by the checks", dict.fromkeys(report.healed, ""))
    second_half = {
        name: f"{values[0]:.0f} at first, {max(values):.0f} at most, {values[-1]:.0f} at last"
        for name, values in report.series.items()
    }
    _list("In the second half", second_half)
    if report.not_judged:
        _list("Too short to tell whether it grows", dict.fromkeys(report.not_judged, ""))


def _list(title: str, rows: Mapping[str, object]) -> None:
    typer.echo(f"\n{title}:")
    for name, value in rows.items():
        typer.echo(f"  {name:32} {value}".rstrip())


if __name__ == "__main__":
    typer.run(main)
